namespace Claimed.TestKit;

/// <summary>Small sources that the registry accepts. A word makes two of one kind differ.</summary>
public static class Samples
{
    /// <summary>A reference on which nothing listens: named by digest, so that there is nothing to ask anyone.</summary>
    public const string Image = "127.0.0.1:1/team/tool@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public static string Script(string word = "word") => $"""
        '''Keeps the rows that hold a {word}.'''

        # claimed: input input_rows: Dataset
        # claimed: output rows: Dataset from output_rows

        import os

        # File with the rows
        input_rows = os.environ['input_rows']

        # What a row must hold
        wanted = os.environ.get('wanted', '{word}')

        # File for the rows that stay
        output_rows = os.environ['output_rows']

        with open(input_rows) as rows, open(output_rows, 'w') as kept:
            kept.writelines(row for row in rows if wanted in row)

        """;

    public static string Notebook(string word = "word") => $$"""
        {
         "cells": [
          {"cell_type": "markdown", "metadata": {}, "source": ["# Count rows\n", "Counts the rows with a {{word}}."]},
          {"cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": [
           "import os\n",
           "# What a row must hold\n",
           "wanted = os.environ.get('wanted', '{{word}}')\n",
           "# File for the number\n",
           "output_count = os.environ['output_count']\n"]}
         ],
         "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"} },
         "nbformat": 4,
         "nbformat_minor": 5
        }
        """;

    /// <summary>A KFP component that names its image: nothing is built.</summary>
    public static string ExistingImage(string word = "word", string image = Image) => $$"""
        name: Greet
        description: Says {{word}}.
        inputs:
        - {name: greeting, type: String, default: '{{word}}', description: What to say}
        outputs:
        - {name: said, type: Dataset, description: What was said}
        implementation:
          container:
            image: {{image}}
            command: [sh, -c, 'echo "$0" > "$1"', {inputValue: greeting}, {outputPath: said}]

        """;

    /// <summary>The component.yaml of what is built from a Dockerfile of its own.</summary>
    public const string Step = """
        name: Step
        implementation:
          container:
            image: ''
            command: [sh, -c, 'true']

        """;
}
