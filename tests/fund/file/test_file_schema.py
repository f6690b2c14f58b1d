"""The tables of the file: the migration gives what the models say, and the database refuses what cannot be."""

import io
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from fund.database import Database
from fund.file.models import CATEGORIES, FileBase
from fund.file.seed import seed_members
from fund.law.contributions import CATEGORIES as CATEGORIES_OF_THE_LAW

ROOT = Path(__file__).resolve().parents[3]


def test_the_migration_gives_the_tables_of_the_models(empty: Database, tmp_path):
    direct = Database(f"sqlite:///{tmp_path}/direct.db")
    FileBase.metadata.create_all(direct.engine)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "file_version"})
        assert compare_metadata(context, FileBase.metadata) == []
    migrated, models = inspect(empty.engine), inspect(direct.engine)
    for table in FileBase.metadata.tables:

        def checks(inspector, table=table):
            return {row["name"]: " ".join(row["sqltext"].split()) for row in inspector.get_check_constraints(table)}

        assert checks(migrated) == checks(models)


def test_the_migration_is_sql_for_postgresql_too():
    written = io.StringIO()
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(ROOT / "migrations" / "file"))
    config.set_main_option("sqlalchemy.url", "postgresql+psycopg://relais@127.0.0.1/file")
    command.upgrade(config, "head", sql=True)
    sql = written.getvalue()
    assert "amount NUMERIC(12, 2) NOT NULL" in sql
    assert "data_as_of TIMESTAMP WITH TIME ZONE NOT NULL" in sql
    for table in FileBase.metadata.tables:
        assert f"CREATE TABLE {table} " in sql


def test_the_migration_can_be_taken_back(empty: Database):
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / "file"))
    config.set_main_option("sqlalchemy.url", str(empty.engine.url))
    command.downgrade(config, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"file_version"}


def test_the_categories_of_the_file_are_those_of_the_law():
    assert set(CATEGORIES) == set(CATEGORIES_OF_THE_LAW)


def test_personal_columns_are_declared_and_exist():
    declared = {mapper.class_.__tablename__: mapper for mapper in FileBase.registry.mappers}
    for table, mapper in declared.items():
        assert set(mapper.class_.__personal__) <= set(mapper.columns.keys()), table
    person = declared["person"].class_.__personal__
    assert {"national_number", "first_name", "last_name", "street", "email", "telephone", "bank_account"} <= set(person)
    for table, mapper in declared.items():
        if "member_id" in mapper.columns:
            assert "member_id" in mapper.class_.__personal__, table


@pytest.mark.parametrize(
    "change",
    [
        "update contribution set quarter = '2026Q5' where id = 1",
        "update contribution set quarter = '2026-3' where id = 1",
        "update contribution set quarter = '20a6Q3' where id = 1",
        "update contribution set category = 'other' where id = 1",
        "update contribution set due_on = '2000-01-01' where id = 1",
        "update contribution set member_id = 'M999999' where id = 1",
        "update notice set structured_communication = '123' where id = 1",
        "update notice set structured_communication = (select structured_communication from notice where id = 2)"
        " where id = 1",
        "update payment set amount = 0 where id = 1",
        "update allocation set amount = -1 where id = 1",
        "update contribution_line set rate = null where kind = 'fee'",
        "update contribution_line set amount = -1 where kind = 'fee'",
        "update contribution_line set regularisation_id = null where kind = 'credit'",
        "update income set quarters = 5 where id = 1",
        "update affiliation set ends_on = '1990-01-01' where id = 1",
        "update person set national_number = (select national_number from person where id = 2) where id = 1",
        "insert into affiliation (id, member_id, category, starts_on) select 9999, member_id, category, '2026-01-01'"
        " from affiliation where id = 1",
    ],
)
def test_the_database_refuses_what_cannot_be(demo: Database, change):
    with pytest.raises(IntegrityError), demo.write() as session:
        session.execute(text(change))


def test_every_query_by_member_uses_an_index(empty: Database):
    with empty.write() as session:
        seed_members(session, count=5, seed=1, on=date(2026, 11, 20))
    with empty.read() as session:
        for table in ("affiliation", "income", "contribution", "notice", "payment", "regularisation"):
            plan = session.execute(text(f"explain query plan select * from {table} where member_id = 'M000101'")).all()
            assert all("USING INDEX" in row.detail or "USING COVERING INDEX" in row.detail for row in plan), table
        for table, key in (("contribution_line", "contribution_id"), ("allocation", "contribution_id")):
            plan = session.execute(text(f"explain query plan select * from {table} where {key} = 1")).all()
            assert all("INDEX" in row.detail for row in plan), table
