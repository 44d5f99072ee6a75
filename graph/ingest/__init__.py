"""Walk (a) behind the door of a source: assign each staged record to an entity, then project what changed."""
