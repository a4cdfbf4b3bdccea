analyze {schema}.{published}
