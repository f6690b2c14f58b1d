"""Alembic for the file's database. Run by code: `sqlalchemy.url` is set on the config, there is no alembic.ini."""

from alembic import context

from fund.database import create_database_engine
from fund.file.models import FileBase

# A name of its own, so that both histories may live in one database.
VERSION_TABLE = "file_version"


def run_migrations() -> None:
    """Bring the schema to the asked version in one transaction, or write the SQL in offline mode."""
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise RuntimeError("set sqlalchemy.url on the Alembic config to the file's database")
    if context.is_offline_mode():
        context.configure(url=url, target_metadata=FileBase.metadata, version_table=VERSION_TABLE, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = create_database_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=FileBase.metadata,
            version_table=VERSION_TABLE,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()  # SQLite's DDL runs outside of Alembic's transaction
    engine.dispose()


run_migrations()
