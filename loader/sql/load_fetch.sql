-- Rows as edu holds them.
copy (select {columns} from {relation} as copied where {condition}) to stdout with (format {form})
