-- Pending events in the order they came: without it, finding them walks past all that were ever handled.
CREATE INDEX kit_inbox_order ON kit_inbox (position) WHERE state = 0;
