"""Stand-in for a catalog instance."""


class Metadata:
    def __init__(self, **fields):
        self.display_name = fields["display_name"]
        self.schema_name = fields["schema_name"]
        self.metadata = fields["metadata"]

    @property
    def runtime_type(self):
        return self.metadata["runtime_type"]
