using System.Text;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class UploadedComponentTests
{
    private const string Safe = $$"""
        # A comment, and a style of its own.
        name: "Train model"
        description: Trains.
        metadata:
          annotations: {author: 'A. Person'}
        inputs:
        - {name: Rate, type: Float, default: '0.1', optional: true, description: how fast}
        - {name: Bucket, type: String}
        outputs:
        - {name: Model, type: Model}
        implementation:
          container:
            image: {{Samples.Image}}
            command: [sh, -c, 'train "$0" "$1" "$2"', {inputValue: Rate}, {inputValue: Bucket}, {outputPath: Model}]

        """;

    private static bool IsSafe(string text, string image = Samples.Image)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var definition = SourceReader.Read([new SourceFile("component.yaml", bytes)], new SourceOptions()).Definition!;
        return UploadedComponent.IsSafe(bytes, ClientRenditions.Render(RenditionForm.Component, Samples.Source(definition) with { Image = image }), image);
    }

    [Fact]
    public void What_every_client_reads_as_our_rendition_is_safe() => Assert.True(IsSafe(Safe));

    [Theory]
    [InlineData("type: Float, default: '0.1', optional: true", "type: Float, default: '0.1'")]
    [InlineData("type: Float, default: '0.1', optional: true", "type: Float")]
    [InlineData("  annotations: {author: 'A. Person'}", "  labels: {author: 'A. Person'}")]
    [InlineData("description: Trains.", "description: |\n  Trains.\n  Well.")]
    [InlineData("\n", "\r\n")]
    public void Another_way_to_say_it_is_safe(string said, string instead) => Assert.True(IsSafe(Safe.Replace(said, instead, StringComparison.Ordinal)));

    [Theory]
    [InlineData("default: '0.1'", "default: 0.1")]
    [InlineData("type: Float", "type: GCSPath")]
    [InlineData("optional: true", "optional: 'true'")]
    [InlineData("name: Bucket, type: String", "name: Bucket")]
    [InlineData("name: Bucket, type: String", "name: Bucket, type: String, hint: x")]
    [InlineData("name: Model, type: Model", "name: output_model, type: Model")]
    [InlineData("{outputPath: Model}]", "{outputPath: Model}]\n    resources: {}")]
    [InlineData("metadata:", "filter_categories: {a: b}\nmetadata:")]
    [InlineData("author: 'A. Person'", "author: 1")]
    [InlineData("[sh, -c,", "[sh, 1,")]
    [InlineData("name: \"Train model\"", "name: \"Train \\\"model\\\"\"")]
    public void What_a_client_takes_otherwise_is_not(string said, string instead)
    {
        var text = Safe.Replace(said, instead, StringComparison.Ordinal);
        Assert.NotEqual(Safe, text);
        Assert.False(UploadedComponent.IsSafe(Encoding.UTF8.GetBytes(text), ClientRenditions.Render(RenditionForm.Component, Samples.Source(
            SourceReader.Read([new SourceFile("component.yaml", Encoding.UTF8.GetBytes(text))], new SourceOptions()).Definition
                ?? SourceReader.Read([new SourceFile("component.yaml", Encoding.UTF8.GetBytes(Safe))], new SourceOptions()).Definition!)), Samples.Image));
    }

    [Fact]
    public void An_image_that_had_to_be_pinned_or_a_byte_order_mark_is_not()
    {
        Assert.False(IsSafe(Safe, "registry.example.org/acme/filter-csv@sha256:" + new string('a', 64)));
        Assert.False(IsSafe("\uFEFF" + Safe));
    }
}
