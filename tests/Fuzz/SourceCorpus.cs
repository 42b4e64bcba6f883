using Claimed.TestKit;

namespace Claimed.Fuzz;

/// <summary>Good sources, and the words that mean something in them.</summary>
internal static class SourceCorpus
{
    public static readonly string[] Python =
    [
        Samples.Script(),
        """"
        """Doc \x41
          second line"""
        # pip install 'a>=1' \
        #   b
        # claimed: output model: Model from output_model
        # claimed: category=Metric, group=a, tags=x,y name=other
        from os import environ as e, getenv
        # about a
        a = int(e.get('a', 60*60 - (2**3))) ; b: float = float(getenv("b", f"{e['c']!r:>{w}}"))  # both
        os.environ['r'] = rb'\'' + u"\u00e9\N{BULLET}"
        x = bool(e.get('x', None) or 'True') == '1'
        y: Optional[dict] = json.loads(os.environ.get('y', '{"a": [1]}'))
        if 'z' in os.environ and os.getenv("z").lower() in ('true', '1'): pass
        """",
        "import os\nfor k in ('a','b'):\n    os.environ[k] = os.environ.get(k, default=str(-1.5e3))\n",
    ];

    public static readonly string[] PythonWords =
    [
        "os.environ", "os.environ['x']", "os.environ.get(", "os.getenv('y', ", "import os\n", "from os import environ as e\n", "getenv", "int(", "float(", "bool(", "json.loads(",
        "== 'True'", "f'{", "rb'", "'\\x00'", "\"\"\"\\ud800\"\"\"\n", "'''", "# claimed: output m: Model\n", "# pip install a\n", "**", "//", "1 + ", "-", "(", ")", "[", "]", "{", "}",
        "default=", "key=", " or ", "if ", "lambda: ", "\\N{", "# ", "\n", "x: int = ", "\\\n", "%%bash\n", "!pip install b\n", "%pip install c\n", "'\\U0010ffff'", "# noqa",
    ];

    public static readonly string[] Shell =
    [
        "#!/bin/sh\n# Doc\n# @output o text\n: \"${x:?it's}\" ${y:-'a b'} ${z:=$(date)}\ncat <<-'E' <<F\n${a:-1}\nE\n${b:-2}\nF\nfor i in 1; do x=${i:-$x}\\\n; done # end",
        "#!/bin/bash\n# pip install a\n# apt-get update && apt-get install -y jq\n# claimed: input data: Dataset\necho \"${data:?the file}\" > \"${output_x:-/tmp/x}\"\n",
    ];

    public static readonly string[] ShellWords =
        ["${x:-", "${y:?m}", "${z:=d}", "${a+b}", "$(", "`", "<<E\n", "<<-'E'\n", "E\n", "\"", "'", "# @output o t\n", "# claimed: name=x\n", "x=", "read x\n", "for i in ", "\\", "}", "#", "; "];

    public static readonly string[] R =
    [
        "#' Doc\ninstall.packages(c('a', \"b\"))\nx <- as.integer(Sys.getenv('x', 5L * 2)) # t\ny <- Sys.getenv(r\"--(y)--\", unset = NA)\nSys.setenv(\"a b\" = 1, c.d = fromJSON('{}'))\n",
        "# claimed: output m: Model from output_m\n#' @param x about x\nx = as.logical(Sys.getenv(\"x\", \"T\"))\nSys.setenv(result=paste0(x))\n",
    ];

    public static readonly string[] RWords =
        ["Sys.getenv(", "Sys.setenv(", "install.packages(", "c(", "as.integer(", "as.numeric(", "fromJSON(", "unset = ", "r\"(", ")\"", "r'---[", "]---'", "NA", "TRUE", "5L", "\\u{41}", "#' @param x y\n", "<-", "`a b`", "%%", "\"\\u0000\""];

    public static readonly string[] Notebook =
    [
        Samples.Notebook(),
        """{"cells": [{"cell_type": "markdown", "source": ["# T\n", "é😀"]}, {"cell_type": "code", "outputs": [{"a": [1, {}]}], "source": "%%bash\napt-get update && apt install x\n"}, {"cell_type": "code", "source": ["!pip install a\n", "x = os.environ.get('\u00e9', \"\ud83d\ude00\")"]}], "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4}""",
        """{"worksheets": [{"cells": [{"cell_type": "heading", "source": "T"}, {"cell_type": "code", "input": ["import os\n", "os.environ['a']"], "outputs": []}]}], "metadata": {"language_info": {"name": "python"}}, "nbformat": 3}""",
        """{"cells": [{"cell_type": "code", "source": ["library(x)\n", "a <- Sys.getenv(c('a', 'b'))"]}], "metadata": {"claimed": {"memory": "2Gi", "inputs": [{"name": "a", "type": "Dataset"}]}, "kernelspec": {"language": "R"}}, "nbformat": 4}""",
    ];

    public static readonly string[] RNotebook =
    [
        """{"cells": [{"cell_type": "markdown", "source": "# T"}, {"cell_type": "code", "outputs": [], "source": ["install.packages('a')\n", "x <- as.integer(Sys.getenv('x', 5L)) # t\n", "Sys.setenv(y = x)"]}], "metadata": {"kernelspec": {"language": "R", "name": "ir"}}, "nbformat": 4}""",
        """{"cells": [{"cell_type": "code", "source": "# claimed: output m: Model from output_m\ny <- Sys.getenv(\"output_m\", unset = NA)"}], "metadata": {"language_info": {"name": "R"}, "claimed": {"category": "C", "tags": ["a"]}}, "nbformat": 4}""",
    ];

    public static readonly string[] NotebookWords =
    [
        "\"claimed\": {", "\"resources\": {\"cpu\": 1}", "\"inputs\": {\"a\": \"Dataset\"}", "\"language\": \"R\"", "\"execution_count\": 3",
        "{\"cell_type\": \"code\", \"source\": ", "\"cells\": [", "\"worksheets\": [", "\"source\": ", "\"input\": ", "\"outputs\": [", "\"metadata\": {", "\"kernelspec\": ", "\"language_info\": {\"name\": ",
        "\"nbformat\": 3", "\"nbformat\": 4", "\"\\u0000\"", "\"\\ud83d\"", "\"\\ude00\"", "[[[[", "{\"a\":", "]", "}", ",", "null", "\"\\n\"", "/*x*/", "'",
    ];

    public static readonly string[] Yaml =
    [
        Samples.ExistingImage(),
        """
        name: x
        description: |
          two
          lines
        metadata: {annotations: {a: "b", category: C, tags: "x,y"}, labels: {c: d}}
        filter_categories: {a: [b]}
        inputs:
        - {name: a b, type: Integer, default: 0x1F, optional: yes, description: 'd'}
        - {name: c, type: {G: {x: y}}, default: [1, .inf, 2020-01-01, 1:30]}
        - {name: password, default: "https://u:p@h/"}
        outputs: [{name: o, type: Model}, {name: v, type: Float}]
        implementation:
          container:
            image: a/b:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
            command: [sh, -c, 'echo "$0"', {concat: [a, {inputValue: a b}]}]
            args: [{if: {cond: {isPresent: c}, then: [{inputPath: c}], else: []}}, {outputPath: o}, {inputValue: password}]
            env: {A: b, C: "1"}
        """,
        """{"name": "j", "implementation": {"container": {"image": "a", "command": ["x", {"inputValue": "i"}]}}, "inputs": [{"name": "i", "default": "\ud83d\ude00"}]}""",
    ];

    public static readonly string[] YamlWords =
    [
        "name: ", "description: >-\n  ", "inputs:\n", "- name: z\n", "- {name: q, type: String}\n", "type: ", "default: ", "optional: true", "outputs: [", "implementation:\n  container:\n", "image: ", "command: [", "args: [",
        "{inputValue: ", "{inputPath: ", "{outputPath: ", "{concat: [", "{if: {cond: {isPresent: ", "then: [", "else: ", "env: {", "&a ", "*a", "!!str ", "!x ", "<<: *a", "? ", "- - ", "[[", "{a: ", "---\n", "...\n", "%YAML 1.1\n", "# c\n",
        "\"\\0\"", "\"\\ud800\"", "\"\\x00\"", "\"\\U0001F600\"", "'", "\"", "|2\n", ">+\n", "\t", "tags: [a, b]", "annotations: {", "{{$}}", "executorInput: null", "~", "0o17", "1:30:00", "2020-01-01",
    ];

    public static readonly string[] FrontMatter =
        ["output model: Model from output_model\nimport os\n", "category=Metric, group=a, tags=x,y name=other\n", "input data: Dataset - what it is\n# claimed: tags: a, b; category: C\n"];

    public static readonly string[] FrontMatterWords =
        ["output ", "input ", "m: Model", " from output_m", " - text", "memory=2Gi ", "base=a/b:1 ", "license=MIT ", "resources.cpu=1 ", "category=", "group:", "name=", "tags=a,b", "# claimed: ", "\n", ";", ",", "—", ": ", "Dataset"];

    public static readonly string[] Install =
    [
        "pip install pandas==2.2.1 'requests[socks]>=2,<3' --index-url https://h.example/simple -r requirements.txt\n", "apt-get update && apt-get install -y --no-install-recommends jq curl=7.8\n",
        "pip3 install --upgrade \"a; python_version < '3'\" git+https://h.example/a/b.git@v1#egg=b\n", "dnf install -y jq\n# conda install x\n# python -m pip install -U b~=1.0\n",
    ];

    public static readonly string[] InstallWords =
    [
        "pip install ", "pip3 install ", "python -m pip install ", "apt-get install -y ", "apt install ", "dnf install ", "conda install ", "&& ", "; ", "| sh", "$(id)", "`id`", "> /etc/x", "--index-url ", "--extra-index-url=", "-r ", "-e ", "-c ",
        "a==1", "a[b]", ">=1,<2", " ; python_version < '3'", " @ https://h/x.whl", "git+https://", "--hash=sha256:0", "\"", "'", "\\\n", "#", "\n", "https://u:p@h/", "--trusted-host", "-U", "$IFS",
    ];

    public static readonly string[] Requirements =
        ["a==1\n-r more.txt\n--index-url https://h/s\nb \\\n ; python_version < '3'\n", "# c\npandas>=2 --hash=sha256:00\n-e .\nhttps://h/x.whl\n--no-deps\n-r requirements.txt\n"];

    public static readonly string[] Dockerfile = ["# syntax=docker/dockerfile:1\nFROM a:1 AS b\nRUN echo \\\n  x\nCOPY --from=b . .\n", "FROM scratch\n"];

    public static readonly string[] DockerfileWords = ["FROM ", "RUN ", "COPY --from=", "# syntax=", "# escape=`\n", "ARG x\n", "\\\n", "<<EOF\n", "ONBUILD ", "ENTRYPOINT [", "HEALTHCHECK "];

    public static readonly byte[][] Icon =
    [
        [.. "\uFEFF<?xml version='1.0' encoding='utf-8'?>\n<svg xmlns='http://www.w3.org/2000/svg'><g a='1' xlink:href='x' xmlns:xlink='y'>&lt;&#x41;<!-- c --><![CDATA[d]]></g></svg>"u8],
        [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n\0\0\0\rIHDR\0\0\0\u0008\0\0\0\u0008\u0008\u0006\0\0\0"u8],
    ];

    public static readonly string[] IconWords =
        ["<!DOCTYPE svg [", "<!ENTITY a 'b'>", "]>", "&a;", "&#0;", "<?x y?>", "encoding='utf-7'", "xml:space='preserve'", "</svg>", "<svg xmlns='http://www.w3.org/2000/svg'>", "IHDR", "<a/>", "\uFEFF"];

    public static readonly byte[] WithoutImage =
        "name: x\nimplementation: {container: {image: '', command: [sh]}}\n"u8.ToArray();

    public static readonly string[] Names =
        ["a.py", "b.py", "lib/c.py", "x.ipynb", "component.yaml", "sub/component.yaml", "run.sh", "m.R", "requirements.txt", "Dockerfile", "README.md", "test_a.py", "__init__.py", "é.py", "d.yml", ".py"];

    public static readonly string[] Several =
    [
        "\u0010import b\nimport os\nos.environ['a']\0\u0011x = 1\0\u0018pandas\n", "\u0014name: x\nimplementation: {container: {image: a, command: [x]}}\n\0\u0019FROM a\n", "\u0016. ./m.R\n: ${a:?b}\0\u0017source('c.R')\n\0\u0013{\"cells\": []}",
    ];
}
