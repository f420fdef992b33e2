-- Rights in the database of JSON documents. Run once, as its owner: psql -v ON_ERROR_STOP=1 -f roles.sql NAME
-- congress_ingester writes the documents; db_connection logs in as a user that has it.
-- congress_reader may only read them: for people and reports.
-- congress_author also makes views, `_exec_api` among them. Whoever has it can have requests sent; give it to few.
CREATE ROLE congress_ingester NOLOGIN;
CREATE ROLE congress_reader NOLOGIN;
CREATE ROLE congress_author NOLOGIN;
GRANT congress_reader TO congress_author;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$
BEGIN
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO congress_ingester', current_database());
END
$$;
-- Schemas are made by the ingester, so what it makes from now on is opened here; run again for each new ingester.
ALTER DEFAULT PRIVILEGES FOR ROLE congress_ingester GRANT USAGE ON SCHEMAS TO congress_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE congress_ingester GRANT SELECT ON TABLES TO congress_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE congress_ingester GRANT CREATE ON SCHEMAS TO congress_author;
