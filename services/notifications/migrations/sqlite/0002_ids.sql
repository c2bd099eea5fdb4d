-- Ids are what stands after the slash. A recipient is identity's, and stays a whole name.
UPDATE deliveries SET id = REPLACE(id, 'deliveries/', '');
