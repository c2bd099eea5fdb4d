-- Ids of this service stand without their collection. JSON, and what other services name, stay whole.
UPDATE carts SET id = SUBSTR(id, 7), checkout = SUBSTR(checkout, 11);
UPDATE checkouts SET id = SUBSTR(id, 11), cart = SUBSTR(cart, 7), order_id = SUBSTR(order_id, 8);
UPDATE orders SET id = SUBSTR(id, 8), checkout = SUBSTR(checkout, 11);
UPDATE operations SET id = SUBSTR(id, 12), order_id = SUBSTR(order_id, 8);
