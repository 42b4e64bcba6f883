using System.Collections.Concurrent;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Claimed.Registry.Http.Pieces;
using Xunit;

namespace Claimed.Registry.Tests.Http.Pieces;

[Trait("Database", "any")]
public sealed class PieceTests
{
    private static readonly string[] Texts = ["{\"entries\":[", "", new string('a', 100_000), ",", "Größe – 数 😀", "]}"];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Pieces_one_after_the_other_are_one_gzip_file_of_the_whole_text()
    {
        var pieces = Texts.Select(text => Piece.Of(Bytes(text))).ToList();
        byte[] file = [.. Piece.GzipHead, .. pieces.SelectMany(piece => piece.Deflated.ToArray()), .. Piece.GzipTail(pieces)];
        using var reader = new StreamReader(new GZipStream(new MemoryStream(file), CompressionMode.Decompress));
        Assert.Equal(string.Concat(Texts), reader.ReadToEnd());
        Assert.All(pieces.Zip(Texts), pair => Assert.Equal(pair.Second, Encoding.UTF8.GetString(pair.First.Text())));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(3, 70_001)]
    [InlineData(1_000_003, 5)]
    public void The_checksum_of_two_texts_follows_from_those_of_each(int first, int second)
    {
        var random = new Random(first + second);
        var (one, other) = (new byte[first], new byte[second]);
        random.NextBytes(one);
        random.NextBytes(other);
        Assert.Equal(Crc32.HashToUInt32([.. one, .. other]), JoinedChecksum.Of(Crc32.HashToUInt32(one), Crc32.HashToUInt32(other), second));
    }

    [Fact]
    public async Task One_change_writes_one_entry_and_encodes_one_block()
    {
        var written = new ConcurrentQueue<string>();
        var list = new PiecedList<string>((text, _) =>
        {
            written.Enqueue(text);
            return Task.FromResult(new PiecedText(Bytes(text)));
        });
        var sources = Enumerable.Range(0, 1000).Select(number => KeyValuePair.Create($"{(number < 500 ? "a" : "b")}/{number:0000}", $"\"text {number}\"")).ToList();
        var before = await list.UpdateAsync(sources, key => key[..1], TestContext.Current.CancellationToken);
        Assert.Equal(1000, written.Count);
        Assert.InRange(before.Count, 1000 / PiecedList<string>.Usual / 2, 1000 / PiecedList<string>.Usual * 2);
        Assert.All(before, block => Assert.Single(block.Entries.Select(entry => entry.Key[..1]).Distinct()));

        written.Clear();
        sources[700] = KeyValuePair.Create(sources[700].Key, "\"another\"");
        sources.RemoveAt(10);
        var after = await list.UpdateAsync(sources, key => key[..1], TestContext.Current.CancellationToken);
        Assert.Equal(["\"another\""], written);
        Assert.Equal(2, after.Except(before).Count());
        Assert.Equal(string.Join(',', sources.Select(source => source.Value)), string.Join(',', after.Select(block => Encoding.UTF8.GetString(block.Piece!.Text()))));
    }

    [Fact]
    public async Task Entries_without_a_text_leave_no_trace()
    {
        var list = new PiecedList<string>((text, _) => Task.FromResult(new PiecedText(Bytes(text))));
        var blocks = await list.UpdateAsync([KeyValuePair.Create("a", ""), KeyValuePair.Create("b", "1"), KeyValuePair.Create("c", ""), KeyValuePair.Create("d", "2")], _ => "", TestContext.Current.CancellationToken);
        Assert.Equal("1,2", string.Join(',', blocks.Where(block => block.Piece is not null).Select(block => Encoding.UTF8.GetString(block.Piece!.Text()))));
        var some = blocks.Select(block => PiecedList<string>.Some(block, text => text == "2")).OfType<Piece>();
        Assert.Equal("2", Encoding.UTF8.GetString(Assert.Single(some).Text()));
    }

    [Fact]
    public async Task A_text_that_could_not_be_had_is_asked_for_again_alone()
    {
        var (isAway, asked) = (true, new ConcurrentQueue<string>());
        var list = new PiecedList<string>((text, _) =>
        {
            asked.Enqueue(text);
            return Task.FromResult(isAway && text == "\"2\"" ? new PiecedText(default, IsWhole: false) : new PiecedText(Bytes(text)));
        });
        List<KeyValuePair<string, string>> sources = [KeyValuePair.Create("a", "\"1\""), KeyValuePair.Create("b", "\"2\"")];
        Assert.False((await list.UpdateAsync(sources, _ => "", TestContext.Current.CancellationToken))[0].IsWhole);
        (isAway, asked) = (false, new ConcurrentQueue<string>());
        var block = Assert.Single(await list.UpdateAsync(sources, _ => "", TestContext.Current.CancellationToken));
        Assert.Equal((true, "\"1\",\"2\""), (block.IsWhole, Encoding.UTF8.GetString(block.Piece!.Text())));
        Assert.Equal(["\"2\""], asked);
    }

    [Fact]
    public async Task Whoever_goes_away_leaves_what_was_made_to_the_next()
    {
        using var gone = new CancellationTokenSource();
        var asked = new ConcurrentQueue<string>();
        var list = new PiecedList<string>(async (text, cancellation) =>
        {
            asked.Enqueue(text);
            if (text == "\"999\"" && !gone.IsCancellationRequested)
                await gone.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            return new PiecedText(Bytes(text));
        });
        var sources = Enumerable.Range(0, 1000).Select(number => KeyValuePair.Create($"a/{number:0000}", $"\"{number}\"")).ToList();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => list.UpdateAsync(sources, _ => "", gone.Token));
        Assert.Contains("\"0\"", asked);
        asked.Clear();
        Assert.NotEmpty(await list.UpdateAsync(sources, _ => "", TestContext.Current.CancellationToken));
        Assert.DoesNotContain("\"0\"", asked);
    }
}
