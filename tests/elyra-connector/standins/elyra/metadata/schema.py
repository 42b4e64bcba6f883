"""Stand-in for the base class of schema providers."""


class SchemasProvider:
    def get_schemas(self):
        raise NotImplementedError
