drop schema if exists {old} cascade
