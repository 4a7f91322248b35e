-- SPDX-License-Identifier: Apache-2.0
-- The database that holds everything. Atomic, because refreshable views need it.
CREATE DATABASE IF NOT EXISTS warehouse ENGINE = Atomic;
