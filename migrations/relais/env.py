"""Runs the migrations of Relais' own database."""

from alembic import context

from fund.conversations import models as conversations  # noqa: F401  (registers its tables)
from fund.database import Base, create_database_engine
from fund.privacy import audit  # noqa: F401
from fund.requests import models as requests  # noqa: F401

engine = create_database_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=sqlite)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
