using System.Text;
using Claimed.Registry.Storage.Snapshot;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

[Trait("Database", "any")]
public sealed class TextFileTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("claimed-test-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Texts_of_several_threads_are_read_back_as_they_were_written()
    {
        var file = TextFile.Create(_data.FullName);
        var written = new List<(TextBlock Block, string Text)>[4];
        // More than the buffer holds, so that some are written while others are added.
        await Task.WhenAll(Enumerable.Range(0, written.Length).Select(thread => Task.Run(() =>
            written[thread] = [.. Enumerable.Range(0, 500).Select(number => $"{thread}/{number} {new string((char)('a' + number % 26), number)}")
                .Select(text => (file.Append(Encoding.UTF8.GetBytes(text)), text))])));
        file.Complete();
        Assert.All(written.SelectMany(each => each), one => Assert.Equal(one.Text, one.Block.Read(0, one.Text.Length, Encoding.UTF8.GetString)));
        var (block, text) = written[3][^1];
        Assert.Equal(text[2..5], block.Read(2, 3, Encoding.UTF8.GetString));
    }

    [Fact]
    public void Nothing_of_the_file_is_left_in_the_folder()
    {
        var file = TextFile.Create(_data.FullName);
        file.Append("text"u8);
        file.Complete();
        Assert.Empty(_data.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task After_a_restart_a_version_shows_its_definition_and_findings_as_before()
    {
        string before;
        await using (var host = await RegistryHost.StartAsync(dataPath: _data.FullName))
        {
            await host.PublishReadyAsync("demo", "word-count", "1.0.0", "one");
            await host.PublishReadyAsync("demo", "word-count", "1.1.0", "two");
            before = (await host.GetAsync("/api/v1/components/demo/word-count/versions/1.1.0")).Json.GetRawText();
        }
        await using var again = await RegistryHost.StartAsync(dataPath: _data.FullName);
        Assert.Equal(before, (await again.GetAsync("/api/v1/components/demo/word-count/versions/1.1.0")).Json.GetRawText());
    }
}
