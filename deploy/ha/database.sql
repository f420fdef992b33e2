-- Once, on any node of the database cluster: the database, the account of Congress, the account of the health check.
CREATE DATABASE IF NOT EXISTS congress CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS congress@'%' IDENTIFIED BY '${DATABASE_PASSWORD}';
GRANT ALL ON congress.* TO congress@'%';
CREATE USER IF NOT EXISTS 'congress-check'@'localhost';
