-- SPDX-License-Identifier: Apache-2.0
-- The linker's aliases with their history: the files as the worker reads them, so the table cannot differ from what links.
-- A broken line is an error that names it, not the end of the table.
CREATE OR REPLACE VIEW warehouse.dim_alias AS
SELECT *
FROM executable(
    'gdelt aliases',
    TSV,
    'ticker String, alias String, kind LowCardinality(String), valid_from Nullable(Date), valid_to Nullable(Date), needs LowCardinality(String), file LowCardinality(String)',
    SETTINGS check_exit_code = 1, stderr_reaction = 'throw');
