using System.Net;
using System.Net.Sockets;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

[Trait("Database", "any")]
public sealed class HostileMultipartTests(HostileMultipartTests.SmallLimits registry) : IClassFixture<HostileMultipartTests.SmallLimits>
{
    public sealed class SmallLimits : SharedRegistry
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
        {
            ["Publish:MaxUploadBytes"] = $"{256 << 10}",
            ["Publish:MaxUnpackedBytes"] = $"{128 << 10}",
        };
    }

    private const string Path = "/api/v1/components/hostile/step/versions/1.0.0";
    private const string Type = $"multipart/form-data; boundary={Multipart.Boundary}";

    private readonly RegistryHost _host = registry.Host;

    private static Multipart Good => new Multipart().Source("step.py", Samples.Script());

    [Theory]
    [InlineData("../step.py")]
    [InlineData("/step.py")]
    [InlineData("C:/step.py")]
    [InlineData("a/../step.py")]
    [InlineData("a\u0001.py")]
    [InlineData("a//b.py")]
    public async Task A_part_with_a_hostile_file_name_is_refused(string path) =>
        await RefusedAsync(Good.Source(path, "x = 1").ToContent(), 422, "bad-path");

    [Fact]
    public async Task A_file_that_comes_twice_is_refused() => await RefusedAsync(Good.Source("step.py", "x = 1").ToContent(), 422, "bad-path");

    [Fact]
    public async Task A_field_that_comes_twice_is_refused() =>
        await RefusedAsync(Good.Field("category", "One").Field("category", "Two").ToContent(), 400, "malformed-upload");

    [Fact]
    public async Task A_field_that_is_too_long_is_refused()
    {
        await RefusedAsync(Good.Field("message", new string('a', 20_000)).ToContent(), 413, "upload-too-large");
        await RefusedAsync(Good.Field("message", new string('a', 3000)).ToContent(), 422, "bad-field");
    }

    [Fact]
    public async Task A_field_that_is_not_UTF8_is_refused() =>
        await RefusedAsync(Good.Part("form-data; name=\"message\"", [0xc3, 0x28]).ToContent(), 400, "malformed-upload");

    [Theory]
    [InlineData("category", "a\0b")]
    [InlineData("message", "a\0b")]
    [InlineData("tags", "a,\0")]
    public async Task A_field_with_a_NUL_is_refused(string field, string value) =>
        await RefusedAsync(Good.Field(field, value).ToContent(), 422, "bad-field");

    [Fact]
    public async Task A_source_with_a_NUL_is_refused() =>
        await RefusedAsync(new Multipart().Source("step.py", "x = 1\0\n").ToContent(), 422, "invalid-component");

    [Fact]
    public async Task A_source_that_is_not_UTF8_is_refused() =>
        await RefusedAsync(new Multipart().Source("step.py", [(byte)'x', (byte)'=', 0xff, 0xfe, 0xc3, 0x28]).ToContent(), 422, "invalid-component");

    [Fact]
    public async Task A_part_without_a_name_or_disposition_is_refused()
    {
        await RefusedAsync(Good.Part("form-data; filename=\"a.py\"", "x"u8).ToContent(), 400, "malformed-upload");
        await RefusedAsync(Good.Part(null, "x"u8).ToContent(), 400, "malformed-upload");
        await RefusedAsync(Good.Part("form-data; name=\"\"", "x"u8).ToContent(), 400, "malformed-upload");
    }

    [Fact]
    public async Task A_source_without_a_file_name_is_refused() =>
        await RefusedAsync(new Multipart().Part("form-data; name=\"source\"", "x = 1"u8).ToContent(), 400, "malformed-upload");

    [Fact]
    public async Task A_bundle_beside_sources_is_refused_in_either_order()
    {
        var archive = Archives.TarGz(("other.py", Samples.Script()));
        await RefusedAsync(Good.Bundle(archive).ToContent(), 400, "malformed-upload");
        await RefusedAsync(new Multipart().Bundle(archive).Source("step.py", Samples.Script()).ToContent(), 400, "malformed-upload");
        await RefusedAsync(new Multipart().Bundle(archive).Bundle(archive).ToContent(), 400, "malformed-upload");
    }

    [Fact]
    public async Task Files_beyond_the_limit_are_refused() =>
        await RefusedAsync(Good.Source("data.bin", new byte[200 << 10]).ToContent(), 413, "upload-too-large");

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused() =>
        await RefusedAsync(Good.Source("data.bin", new byte[400 << 10]).ToContent(), 413, "upload-too-large");

    [Fact]
    public async Task A_publish_without_files_is_refused()
    {
        await RefusedAsync(new Multipart().Field("category", "One").ToContent(), 422, "no-files");
        await RefusedAsync(new Multipart().ToContent(), null, null);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/mixed; boundary=part-of-a-test")]
    [InlineData(null)]
    public async Task A_body_of_another_type_is_refused(string? type) =>
        await RefusedAsync(Multipart.Content("""{"source": "x = 1"}"""u8.ToArray(), type), 415, "not-multipart");

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    public async Task A_body_without_a_boundary_is_refused(string type) => await RefusedAsync(Multipart.Content(Good.ToBytes(), type), 400, "malformed-upload");

    [Fact]
    public async Task A_body_with_another_boundary_or_none_of_it_is_refused()
    {
        await RefusedAsync(Multipart.Content(Good.ToBytes(), "multipart/form-data; boundary=another"), 400, "malformed-upload");
        await RefusedAsync(Multipart.Content([], Type), 400, "malformed-upload");
    }

    [Theory]
    [InlineData(20)]
    [InlineData(70)]
    [InlineData(300)]
    public async Task A_body_that_ends_within_a_part_is_refused(int length) =>
        await RefusedAsync(Multipart.Content(Good.ToBytes()[..length], Type), 400, "malformed-upload");

    [Fact]
    public async Task Headers_of_a_part_that_never_end_are_refused() =>
        await RefusedAsync(Good.Part($"form-data; name=\"{new string('n', 40_000)}\"", "x"u8).ToContent(), 400, "malformed-upload");

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_an_upload_stores_nothing_and_harms_nobody()
    {
        var before = await StoredThings.InAsync(_host);
        var body = Good.ToBytes();
        using (var socket = new TcpClient(_host.Address.Host, _host.Address.Port))
        {
            var head = $"PUT {Path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\n"
                + $"Content-Type: {Type}\r\nContent-Length: {body.Length}\r\n\r\n";
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
            await stream.WriteAsync(body.AsMemory(0, body.Length / 2));
            // The registry ends the request when it sees the end of what will come.
            socket.Client.Shutdown(SocketShutdown.Send);
            var answer = await AnswerOrResetAsync(stream);
            Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("HTTP/1.1 5", answer, StringComparison.Ordinal);
        }
        Assert.Equal(before, await StoredThings.InAsync(_host));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("hostile/step")).Status);
    }

    private static async Task<string> AnswerOrResetAsync(Stream stream)
    {
        try
        {
            return await new StreamReader(stream).ReadToEndAsync();
        }
        catch (IOException reset) when (reset.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // The registry may also drop the connection without a word: nobody is left to read one.
            return "";
        }
    }

    private async Task RefusedAsync(HttpContent content, int? status, string? type)
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await _host.Admin.SendAsync(HttpMethod.Put, Path, content);
        Assert.InRange((int)answer.Status, 400, 499);
        if (status is not null)
            Assert.Equal(status, (int)answer.Status);
        if (type is not null)
            Assert.Equal(type, answer["type"]);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.True(answer["detail"]!.Length > 20, answer.Text);
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }
}
