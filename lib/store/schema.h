/* The tables of a store in PostgreSQL. */
#ifndef SM_STORE_SCHEMA_H
#define SM_STORE_SCHEMA_H

/* The SQL that makes them in a database, in a schema of their own. */
extern const char sm_postgres_schema[];

#endif
