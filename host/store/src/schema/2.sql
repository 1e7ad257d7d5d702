-- What is planned is read in its order without sorting all of it in memory, bodies and all.
DROP INDEX change_order;
CREATE INDEX change_order ON change (state, target, phase, id);

-- Units are a small part of the records, and all of them are read wherever somebody is decided.
CREATE INDEX record_unit ON record (id) WHERE class = 'unit';
