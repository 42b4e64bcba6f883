import yaml

from . import components


class Compiler:
    def compile(self, function, path):
        components.TASKS.clear()
        function()
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump({"pipelineInfo": {"name": function.pipeline_name}, "tasks": components.TASKS}, file)
