#include "lib/store/schema.h"

/* What a store has is compared with what this makes: see postgres_schema.c. */
const char sm_postgres_schema[] =
    "CREATE SCHEMA synthesizeme;\n"
    "CREATE TABLE synthesizeme.store (version integer NOT NULL);\n"
    "INSERT INTO synthesizeme.store VALUES (1);\n"
    "CREATE TABLE synthesizeme.answer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
    "    key bytea NOT NULL UNIQUE, endpoint text NOT NULL, model text NOT NULL,\n"
    "    sample bigint NOT NULL, response text NOT NULL, ms double precision NOT NULL,\n"
    "    created bigint NOT NULL, tokens_in bigint NOT NULL, tokens_out bigint NOT NULL,\n"
    "    digest bigint NOT NULL);\n"
    "CREATE TABLE synthesizeme.fact (endpoint text, model text, name text, value text NOT NULL,\n"
    "    PRIMARY KEY (endpoint, model, name));\n"
    "CREATE TABLE synthesizeme.asked (key bytea PRIMARY KEY, endpoint text NOT NULL,\n"
    "    model text NOT NULL, sample bigint NOT NULL);\n"
    "CREATE TABLE synthesizeme.sent (id bigint PRIMARY KEY, endpoint text NOT NULL,\n"
    "    model text NOT NULL, run text, at_ms bigint NOT NULL, tokens bigint NOT NULL,\n"
    "    cost double precision NOT NULL, open boolean NOT NULL);\n"
    "CREATE INDEX sent_time ON synthesizeme.sent (endpoint, model, at_ms);\n"
    "CREATE TABLE synthesizeme.run (name text PRIMARY KEY, leader bigint NOT NULL,\n"
    "    touched bigint NOT NULL, calls bigint NOT NULL, cost double precision NOT NULL)\n"
    "    WITH (fillfactor = 50);\n";
