using System.Net;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>The picture of a component, which is a stranger's file that browsers open.</summary>
[Trait("Database", "any")]
public sealed class IconTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><rect width=\"8\" height=\"8\" fill=\"#0a7\"/></svg>\n";

    private static int _components;

    private readonly RegistryHost _host = registry.Host;
    private readonly string _name = $"icon-{Interlocked.Increment(ref _components)}";

    /// <summary>A PNG as far as a header says.</summary>
    private static byte[] Png(uint width, uint height) =>
        [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n\0\0\0\rIHDR"u8, .. BigEndian(width), .. BigEndian(height), 8, 6, 0, 0, 0, 0, 0, 0, 0];

    private static byte[] BigEndian(uint number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];

    private Task<Answer> PublishAsync(string path, byte[] icon) =>
        _host.PublishAsync("icons", _name, "1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage(_name)).Source(path, icon));

    private Task<Answer> IconAsync(string reference = "1.0.0", params (string Name, string Value)[] headers) =>
        _host.ComponentAsync($"icons/{_name}/versions/{reference}/icon", headers);

    private static void AssertHarmless(Answer answer)
    {
        Assert.Equal("default-src 'none'; style-src 'unsafe-inline'; sandbox", Assert.Single(answer.Message.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Message.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("icon.svg", "image/svg+xml")]
    [InlineData("Icon.SVG", "image/svg+xml")]
    [InlineData("icon.png", "image/png")]
    public async Task An_icon_is_served_byte_for_byte_and_harmless(string path, string type)
    {
        var bytes = type == "image/png" ? Png(64, 64) : Encoding.UTF8.GetBytes("\uFEFF<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + Svg);
        var version = await PublishAsync(path, bytes);
        Assert.EndsWith($"/icons/{_name}/versions/1.0.0/icon", version["links.icon"], StringComparison.Ordinal);
        Assert.DoesNotContain("icon-invalid", version.FindingCodes);
        // The second answer is one that was kept.
        foreach (var reference in (string[])["1.0.0", "1.0.0", "latest", "~1"])
        {
            var icon = await IconAsync(reference);
            Assert.Equal((HttpStatusCode.OK, type), (icon.Status, icon.ContentType));
            Assert.Equal(bytes, icon.Bytes);
            AssertHarmless(icon);
        }
        var digest = (await IconAsync()).ETag!.Trim('"');
        var pinned = await IconAsync(digest);
        Assert.Equal((type, "public, max-age=31536000, immutable"), (pinned.ContentType, pinned.Message.Headers.CacheControl!.ToString()));
        AssertHarmless(pinned);
        var known = await IconAsync("1.0.0", ("If-None-Match", $"\"{digest}\""));
        Assert.Equal(HttpStatusCode.NotModified, known.Status);
        AssertHarmless(known);
    }

    [Theory]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><a href=\"javascript:alert(1)\"/></svg>")]
    [InlineData("<?xml-stylesheet href=\"/x.xsl\" type=\"text/xsl\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    public async Task An_icon_with_a_script_is_served_as_it_is_and_may_run_nothing(string svg)
    {
        await PublishAsync("icon.svg", Encoding.UTF8.GetBytes(svg));
        var icon = await IconAsync();
        Assert.Equal(svg, icon.Text);
        AssertHarmless(icon);
    }

    [Theory]
    [InlineData("<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&x;</text></svg>", "DOCTYPE", 0)]
    [InlineData("<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://127.0.0.1:9/svg11.dtd\"><svg xmlns=\"http://www.w3.org/2000/svg\"/>", "DOCTYPE", 0)]
    [InlineData("\n<!DOCTYPE svg [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>\n<svg xmlns=\"http://www.w3.org/2000/svg\">&c;</svg>", "DOCTYPE", 0)]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\">&x;</svg>", "well-formed", 1)]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\">\n<g></svg>", "well-formed", 2)]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"/><script/>", "well-formed", 1)]
    [InlineData("<svg/>", "root", 1)]
    [InlineData("<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></html>", "root", 1)]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-7\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", "UTF-7", 1)]
    [InlineData("# Not a picture", "well-formed", 1)]
    [InlineData("", "empty", 0)]
    public async Task What_is_no_svg_is_a_warning_and_no_icon(string svg, string word, int line)
    {
        var version = await PublishAsync("icon.svg", Encoding.UTF8.GetBytes(svg));
        await AssertRefusedAsync(version, "icon.svg", word, line);
    }

    [Theory]
    [InlineData("text", "no PNG")]
    [InlineData("svg", "no PNG")]
    [InlineData("cut", "no PNG")]
    [InlineData("wide", "100000 × 1 pixels")]
    [InlineData("high", "1 × 1025 pixels")]
    [InlineData("nothing", "0 × 0 pixels")]
    public async Task What_is_no_small_png_is_a_warning_and_no_icon(string kind, string word)
    {
        var version = await PublishAsync("icon.png", kind switch
        {
            "text" => "PNG"u8.ToArray(),
            "svg" => Encoding.UTF8.GetBytes(Svg),
            "cut" => Png(8, 8)[..20],
            "wide" => Png(100_000, 1),
            "high" => Png(1, 1025),
            _ => Png(0, 0),
        });
        await AssertRefusedAsync(version, "icon.png", word, 0);
    }

    [Fact]
    public async Task An_icon_of_100_MB_in_a_small_archive_is_a_warning_and_no_icon()
    {
        var large = new byte[100_000_000];
        Encoding.UTF8.GetBytes(Svg).CopyTo(large, 0);
        large.AsSpan(Svg.Length).Fill((byte)' ');
        var archive = Archives.TarGz(Archives.File("component.yaml", Encoding.UTF8.GetBytes(Samples.ExistingImage(_name))), Archives.File("icon.svg", large));
        Assert.InRange(archive.Length, 1, 1_000_000);
        await AssertRefusedAsync(await _host.PublishAsync("icons", _name, "1.0.0", new Multipart().Bundle(archive)), "icon.svg", "100000000 bytes", 0);
    }

    [Fact]
    public async Task The_largest_icon_has_64_KiB()
    {
        await PublishAsync("icon.svg", Encoding.UTF8.GetBytes(Svg.PadRight(65_536)));
        Assert.Equal(65_536, (await IconAsync()).Bytes.Length);
        var larger = await _host.PublishAsync("icons", _name, "1.1.0",
            new Multipart().Source("component.yaml", Samples.ExistingImage(_name)).Source("icon.svg", Svg.PadRight(65_537)));
        Assert.Contains("icon-invalid", larger.FindingCodes);
    }

    [Fact]
    public async Task An_icon_beside_the_source_goes_before_one_at_the_top_and_elsewhere_there_is_none()
    {
        const string main = "steps/component.yaml";
        var both = new Multipart().Source(main, Samples.ExistingImage(_name)).Source("icon.svg", Svg + "<!-- top -->").Source("steps/icon.svg", Svg + "<!-- beside -->");
        await _host.PublishAsync("icons", _name, "1.0.0", both);
        Assert.EndsWith("<!-- beside -->", (await IconAsync()).Text, StringComparison.Ordinal);
        var top = new Multipart().Source(main, Samples.ExistingImage(_name)).Source("icon.svg", Svg + "<!-- top -->").Source("other/icon.svg", Svg);
        await _host.PublishAsync("icons", _name, "1.1.0", top);
        Assert.EndsWith("<!-- top -->", (await IconAsync("1.1.0")).Text, StringComparison.Ordinal);
        await _host.PublishAsync("icons", _name, "1.2.0", new Multipart().Source(main, Samples.ExistingImage(_name)).Source("other/icon.svg", Svg));
        Assert.Equal(HttpStatusCode.NotFound, (await IconAsync("1.2.0")).Status);
    }

    [Fact]
    public async Task Validating_finds_what_publishing_finds()
    {
        var answer = await _host.PostAsync("/api/v1/components/icons/validate",
            new Multipart().Source("component.yaml", Samples.ExistingImage(_name)).Source("icon.svg", "<svg"));
        Assert.Equal("true", answer["valid"]);
        Assert.Contains("icon-invalid", answer.FindingCodes);
    }

    private async Task AssertRefusedAsync(Answer version, string file, string word, int line)
    {
        Assert.Equal(HttpStatusCode.Created, version.Status);
        Assert.Null(version["links.icon"]);
        var finding = Assert.Single(version.Json.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("code").GetString() == "icon-invalid");
        Assert.Equal(("warning", file), (finding.GetProperty("severity").GetString(), finding.GetProperty("file").GetString()));
        Assert.Contains(word, finding.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(line, finding.TryGetProperty("line", out var at) ? at.GetInt32() : 0);
        var icon = await IconAsync();
        Assert.Equal((HttpStatusCode.NotFound, "form-not-found"), (icon.Status, icon["type"]));
    }
}
