"""What the views select is what is inserted by hand after a crash, where columns go by their place."""

from midwatch.server.store.client import Store
from midwatch.server.store.targets import STAGINGS


async def test_every_target_selects_the_columns_of_its_table_in_order(store: Store) -> None:
    """A view finds columns by name, also with one too few; the INSERT of what is missing does not."""
    wrong = []
    for staging in STAGINGS:
        for target in staging.targets:
            selected = await store.rows(f"DESCRIBE ({target.select.format(source=staging.table)})")
            table = await store.rows(f"DESCRIBE {target.table}")
            names = [row["name"] for row in selected]
            expected = [row["name"] for row in table if row["default_type"] not in {"ALIAS", "MATERIALIZED"}]
            if names != expected:
                wrong.append(f"{staging.table} to {target.table}: {names}, expected {expected}")
    assert wrong == []
