using System.Text;
using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class HostileSourceTests
{
    private const string Signs = " \n\t'\"\\#()[]{}:,-!&*%|>@`=.+0aeosfr\u007f";

    private static readonly (string Path, string Text)[] Seeds =
    [
        ("x.py", """"
            """Doc \x"""
            # pip install 'a>=1' \
            #   b
            # claimed: output model: Model from output_model
            from os import environ as e, getenv
            a = int(e.get('a', 60*60 - (2**3))) ; b: float = float(getenv("b", f"{e['c']!r:>{w}}"))  # both
            os.environ['r'] = rb'\'' + u"\u00e9\N{BULLET}"
            x = bool(e.get('x', None) or 'True') == '1'
            """"),
        ("x.ipynb", """{"cells": [{"cell_type": "markdown", "source": ["# T\n", "é😀"]}, {"cell_type": "code", "outputs": [{"a": [1, {}]}], "source": "%%bash\napt-get update && apt install x\n"}, {"cell_type": "code", "source": ["!pip install a\n", "x = os.environ.get('\u00e9', \"\ud83d\ude00\")"]}], "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4}"""),
        ("component.yaml", """
            name: x
            metadata: {annotations: {a: "b"}, labels: {c: d}}
            inputs:
            - {name: a b, type: Integer, default: 0x1F, optional: yes}
            - {name: c, type: {G: {x: y}}, default: [1, .inf, 2020-01-01, 1:30]}
            outputs: [{name: o, type: Model}]
            implementation:
              container:
                image: a/b:1
                command: [sh, -c, 'echo "$0"', {concat: [a, {inputValue: a b}]}]
                args: [{if: {cond: {isPresent: c}, then: [{inputPath: c}], else: []}}, {outputPath: o}]
                env: {A: b}
            """),
        ("x.R", "#' Doc\ninstall.packages(c('a', \"b\"))\nx <- as.integer(Sys.getenv('x', 5L * 2)) # t\ny <- Sys.getenv(r\"--(y)--\", unset = NA)\nSys.setenv(\"a b\" = 1, c.d = fromJSON('{}'))\n"),
        ("x.sh", "#!/bin/sh\n# Doc\n# @output o text\n: \"${x:?it's}\" ${y:-'a b'} ${z:=$(date)}\ncat <<-'E' <<F\n${a:-1}\nE\n${b:-2}\nF\nfor i in 1; do x=${i:-$x}\\\n; done # end"),
        ("requirements.txt", "a==1\n-r requirements.txt\n--index-url https://h/s\nb \\\n ; python_version < '3'\n"),
    ];

    public static TheoryData<string, string> Floods()
    {
        const int size = 1_000_000;
        var floods = new TheoryData<string, string>();
        string[] units =
        [
            "(", "[", "{", "\"", "'", "\\", "#", "# \n", "f'{", "f\"{x:{", "f'''{", "-", "1+", "1**", "((1)", "os.environ[", "os.environ.get(", "os.environ['x'] = ",
            "os.environ.get('a', ", "x = os.environ.get('x') or ", "a=b=", "!pip install ", "# pip install a\\\n", "# claimed: ", "# claimed: category=a ", "a.", "'a' + ",
            "'a' ", "0x", "9", "1_", "1e+", "- ", "? ", ": ", "a: ", "{a: ", "- - ", "&a ", "*a ", "!a ", "|\n", "%", "\r", "\t", "é", "😀", "from os import a as b, ",
            "x: int = os.environ['x'],", "<", "a\n", "'x' in os.environ ", "://a:b", "@", "# a://b:", "{\"a\":", "[{", "${x:-", "${x:-a} ", "<<A ", "<<A\n", "x=", "Sys.getenv(", "Sys.setenv(a=", "install.packages(c(", "\"\\u0041",
            "import a\n", "import a,", "[: import a ", "[lambda: from os import a ", "try:\n import a\n", "library(a)\n", "# @param x a\n# b\n", "# @returns a\n", "# noqa\\\n", "a==1\n", " \\\n", "((", "read a ", "AKIA", "$'",
        ];
        foreach (var unit in units)
        {
            foreach (var path in new[] { "x.py", "x.ipynb", "component.yaml", "x.R", "x.sh", "requirements.txt" })
                floods.Add(path, string.Concat(Enumerable.Repeat(unit, size / unit.Length / 4)));
        }

        return floods;
    }

    [Fact]
    public void No_mutation_of_a_source_makes_the_reader_throw()
    {
        var random = new Random(20240611);
        for (var round = 0; round < 6000; round++)
        {
            var (path, text) = Seeds[round % Seeds.Length];
            Read(path, Mutated(Encoding.UTF8.GetBytes(text), random));
        }
    }

    [Fact]
    public void No_beginning_of_a_source_makes_the_reader_throw()
    {
        foreach (var (path, text) in Seeds)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            for (var length = 0; length < bytes.Length; length++)
                Read(path, bytes[..length]);
        }
    }

    [Fact]
    public void No_random_bytes_make_the_reader_throw()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
                bytes = [.. bytes.Select(value => (byte)Signs[value % Signs.Length])];
            Read(Seeds[round % Seeds.Length].Path, bytes);
        }
    }

    /// <summary>Memory stands for work here: what takes quadratic time in these readers builds or scans texts again and again.</summary>
    [Theory]
    [MemberData(nameof(Floods), DisableDiscoveryEnumeration = true)]
    public void A_flood_of_one_sign_is_read_in_time_and_memory_that_grow_with_its_length(string path, string flood)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Read(path, Encoding.UTF8.GetBytes(flood));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000L * flood.Length);
        // Quadratic work on a quarter of a million signs would take minutes.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private static void Read(string path, byte[] bytes)
    {
        SourceFile[] files = path == "requirements.txt"
            ? [Reading.File("x.py", "x = 1"), new SourceFile(path, bytes)]
            : [new SourceFile(path, bytes)];
        var reading = SourceReader.Read(files, new SourceOptions());
        Assert.True(reading.Definition is not null || reading.HasErrors);
        Assert.All(reading.Findings, finding => Assert.False(string.IsNullOrWhiteSpace(finding.Message + finding.Fix)));
    }

    private static byte[] Mutated(byte[] bytes, Random random)
    {
        var list = bytes.ToList();
        for (var change = random.Next(1, 6); change > 0 && list.Count > 1; change--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(6))
            {
                case 0:
                    list[at] = (byte)random.Next(256);
                    break;
                case 1:
                    list.RemoveRange(at, random.Next(1, Math.Min(20, list.Count - at) + 1));
                    break;
                case 2:
                    list.Insert(at, (byte)Signs[random.Next(Signs.Length)]);
                    break;
                case 3:
                    var length = Math.Min(random.Next(1, 60), list.Count - at);
                    list.InsertRange(random.Next(list.Count), list.GetRange(at, length));
                    break;
                case 4:
                    list[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    list.RemoveAt(at);
                    break;
            }
        }

        return [.. list];
    }
}
