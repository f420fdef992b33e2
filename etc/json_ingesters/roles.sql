-- Rights in the database of JSON documents. Run as its owner, as often as you like:
--     psql -v ON_ERROR_STOP=1 -f roles.sql DATABASE
-- congress_ingester writes the documents. db_connection logs in as this role itself, since what it makes is opened below:
--     ALTER ROLE congress_ingester LOGIN PASSWORD '...';
-- congress_reader may only read them: GRANT congress_reader TO somebody, for people and reports.
-- congress_author also makes views, `_exec_api` among them. Whoever has it can have requests sent; give it to few:
--     GRANT congress_author TO somebody; ALTER ROLE somebody IN DATABASE ... SET ROLE congress_author;
-- so that views belong to the role, and the ingester may read them.
DO $$
DECLARE
    wanted text;
    made text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['congress_ingester', 'congress_reader', 'congress_author'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO congress_ingester', current_database());
    -- What ingesters made before.
    FOR made IN SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = 'congress_ingester' LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO congress_reader', made);
        EXECUTE format('GRANT CREATE ON SCHEMA %I TO congress_author', made);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO congress_reader', made);
    END LOOP;
END
$$;
GRANT congress_reader TO congress_author;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- What they make from now on.
ALTER DEFAULT PRIVILEGES FOR ROLE congress_ingester GRANT USAGE ON SCHEMAS TO congress_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE congress_ingester GRANT CREATE ON SCHEMAS TO congress_author;
ALTER DEFAULT PRIVILEGES FOR ROLE congress_ingester GRANT SELECT ON TABLES TO congress_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE congress_author GRANT SELECT ON TABLES TO congress_ingester, congress_reader;
