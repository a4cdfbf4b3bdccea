-- Copies a whole table through the foreign table.
insert into {relation} ({columns}) select {columns} from {foreign}
