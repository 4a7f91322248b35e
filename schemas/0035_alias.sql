-- SPDX-License-Identifier: Apache-2.0
-- The linker's aliases with their history: the files as the worker reads them, so the table cannot differ from what links.
CREATE OR REPLACE VIEW warehouse.dim_alias AS
SELECT *
FROM executable(
    'gdelt aliases',
    TSV,
    'ticker String, alias String, kind LowCardinality(String), valid_from Nullable(Date), valid_to Nullable(Date), needs LowCardinality(String), file LowCardinality(String)'
);
