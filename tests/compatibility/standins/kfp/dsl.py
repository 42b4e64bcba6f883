def pipeline(name):
    def named(function):
        function.pipeline_name = name
        return function
    return named
