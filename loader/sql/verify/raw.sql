-- One table of edu as it is now (or of its staged copy): the columns that the rules read.
select {columns} from {relation}
