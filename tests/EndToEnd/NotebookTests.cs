using System.Text.Json.Nodes;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>A notebook from its upload to its outputs.</summary>
[Trait("Database", "any")]
public sealed class NotebookTests(RegistryWithEngine registry)
{
    [Fact]
    public async Task The_shipped_notebook_draws_a_confusion_matrix_of_real_predictions()
    {
        var version = await registry.Host.PublishAsync("acme/confusion-matrix", "1.0.0", Publishing.Shipped("metric/confusion-matrix"));
        version.AssertReady();
        using var work = new Workspace().With("predictions.csv");

        var run = await registry.Engine.DockerAsync("run", "--rm", "--network", "none", "-v", $"{work.Folder}:/data", (string)version["image"]!,
            "data_csv=/data/predictions.csv", "actual_column=actual", "predicted_column=predicted",
            "metrics=/data/metrics.json", "picture=/data/matrix.png");

        Assert.True(run.ExitCode == 0, run.Out + run.Err);
        Assert.Equal(4 / 6.0, (double)JsonNode.Parse(work.Read("metrics.json"))!["accuracy"]!, 3);
        var picture = await File.ReadAllBytesAsync(work["matrix.png"]);
        Assert.True(picture.Length > 2000 && picture.AsSpan(1, 3).SequenceEqual("PNG"u8), "The picture is not a PNG.");
    }

    [Fact]
    public async Task A_notebook_with_an_image_is_ready_at_once_and_its_interface_is_read()
    {
        var digest = await registry.PushBusyboxAsync("acme/ready-made:stable");
        var version = await registry.Host.PublishAsync("acme/with-image", "1.0.0", Publishing.Shipped("metric/confusion-matrix"),
            new Dictionary<string, string> { ["image"] = $"{registry.ImageHost}/acme/ready-made:stable" });

        version.AssertReady();
        Assert.Null(version["build"]);
        Assert.Equal($"{registry.ImageHost}/acme/ready-made@{digest}", (string?)version["image"]);
        Assert.NotEmpty(version["inputs"]!.AsArray());
        var yaml = await registry.Host.Anonymous.GetStringAsync("api/v1/components/acme/with-image/versions/1.0.0/component.yaml");
        Assert.Contains($"{registry.ImageHost}/acme/ready-made@{digest}", yaml, StringComparison.Ordinal);
        Assert.Contains("ipython", yaml, StringComparison.Ordinal);
    }
}
