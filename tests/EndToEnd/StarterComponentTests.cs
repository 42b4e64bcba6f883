using System.Security.Cryptography;
using System.Text.Json;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>The components that ship with the product do their work when a person runs their sources, without the registry.</summary>
[Trait("Database", "any")]
public sealed class StarterComponentTests(RegistryWithEngine registry) : IDisposable
{
    private const string FilterCsv = "transform/filter-csv/filter-csv.py";
    private const string InputUrl = "input/input-url/input-url.py";
    private const string ConfusionMatrix = "metric/confusion-matrix/confusion-matrix.ipynb";

    private readonly string _work = Directory.CreateTempSubdirectory("claimed-starter-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Theory]
    [InlineData("age >= 18 and country == \"CH\"", "Ann,31,CH,5.1\nDan,19,CH,\n")]
    [InlineData("`sepal length` > 5", "Ann,31,CH,5.1\nCleo,44,DE,6.0\n")]
    [InlineData("country in [\"DE\", \"FR\"]", "Cleo,44,DE,6.0\n")]
    public async Task Filter_csv_keeps_the_rows_for_which_the_expression_holds(string expression, string rows)
    {
        Write("people.csv", "name,age,country,sepal length\nAnn,31,CH,5.1\nBob,12,CH,4.2\nCleo,44,DE,6.0\nDan,19,CH,\n");

        (await RunAsync(FilterCsv, ("data_csv", "people.csv"), ("expression", expression), ("output_filtered", "kept.csv"))).Succeeded();

        Assert.Equal("name,age,country,sepal length\n" + rows, Read("kept.csv"));
    }

    [Theory]
    [InlineData("__import__('os').system('touch broken')", "Call is not allowed")]
    [InlineData("age.__class__ == 1", "Attribute is not allowed")]
    [InlineData("@pd.read_csv('people.csv')", "invalid syntax")]
    [InlineData("weight > 1", "there is no column weight")]
    [InlineData("age", "true or false for each row")]
    public async Task Filter_csv_refuses_an_expression_that_is_more_than_a_comparison(string expression, string reason)
    {
        Write("people.csv", "name,age\nAnn,31\n");

        var result = await RunAsync(FilterCsv, ("data_csv", "people.csv"), ("expression", expression), ("output_filtered", "kept.csv"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(reason, result.Err);
        Assert.DoesNotContain("Traceback", result.Err);
        Assert.Equal(["people.csv"], Directory.GetFiles(_work).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Confusion_matrix_counts_per_class_and_draws_a_picture()
    {
        Write("predictions.csv", "target,prediction\n1,1.0\n1,2.0\n2,2.0\n10,1.0\n10,10.0\n10,10.0\n");

        (await RunAsync(ConfusionMatrix, ("data_csv", "predictions.csv"), ("output_metrics", "m.json"), ("output_picture", "m.png"))).Succeeded();

        var metrics = JsonDocument.Parse(Read("m.json")).RootElement;
        Assert.Equal(4.0 / 6, metrics.GetProperty("accuracy").GetDouble(), 12);
        var ten = metrics.GetProperty("classes").GetProperty("10");
        Assert.Equal((1.0, 2.0 / 3, 3), (ten.GetProperty("precision").GetDouble(), ten.GetProperty("recall").GetDouble(), ten.GetProperty("support").GetInt32()));
        Assert.Equal(["1", "2", "10"], metrics.GetProperty("matrix").GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
        Assert.Equal("[[1,1,0],[0,1,0],[1,0,2]]", JsonSerializer.Serialize(metrics.GetProperty("matrix").GetProperty("counts")));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path.Combine(_work, "m.png"))[..4]);
    }

    [Fact]
    public async Task Input_url_hands_on_a_file_only_with_the_expected_checksum()
    {
        using var server = new FlakyFileServer("a,b\n1,2\n"u8.ToArray(), failures: 1);
        var checksum = Convert.ToHexStringLower(SHA256.HashData("a,b\n1,2\n"u8));

        (await RunAsync(InputUrl, ("url", server.Url), ("sha256", checksum), ("output_data", "good.csv"))).Succeeded();
        var refused = await RunAsync(InputUrl, ("url", server.Url), ("sha256", new string('0', 64)), ("output_data", "bad.csv"));

        Assert.Equal("a,b\n1,2\n", Read("good.csv"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"has the SHA-256 {checksum}, expected 0000", refused.Err);
        Assert.Equal(["good.csv"], Directory.GetFiles(_work).Select(Path.GetFileName));
    }

    private Task<ShellResult> RunAsync(string source, params (string Name, string Value)[] variables) => registry.Engine.DockerAsync(
    [
        "run", "--rm", "--network", "host", "--user", "0:0", "-w", "/data", "-v", $"{_work}:/data",
        "-v", $"{RepositoryFolder.Of("components")}:/components:ro", .. variables.SelectMany(pair => new[] { "-e", $"{pair.Name}={pair.Value}" }),
        BaseImages.Notebook, source.EndsWith(".py", StringComparison.Ordinal) ? "python" : "ipython", $"/components/{source}",
    ]);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_work, name), text);

    private string Read(string name) => File.ReadAllText(Path.Combine(_work, name));
}
