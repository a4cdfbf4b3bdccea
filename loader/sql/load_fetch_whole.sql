-- All rows as edu holds them.
copy (select {columns} from {relation} as copied) to stdout
