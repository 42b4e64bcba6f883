using System.Text;
using Claimed.Registry.Http.Pieces;
using Xunit;

namespace Claimed.Registry.Tests.Http.Pieces;

/// <summary>Texts are kept for bodies that many ask for, and only as long as they do.</summary>
[Trait("Database", "any")]
public sealed class PlainTextsTests
{
    private readonly HandTimer _clock = new();
    private readonly List<Piece> _pieces = [.. Enumerable.Range(0, 4).Select(number => Piece.Of(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"piece {number} ", 1000)))))];

    private static byte[][] Read(PlainTexts texts, string digest, IEnumerable<Piece> pieces) => [.. pieces.Select(texts.For(digest))];

    [Fact]
    public void What_is_asked_for_once_is_not_kept_and_what_is_asked_for_again_is_unpacked_no_more()
    {
        using var texts = new PlainTexts(_clock);
        var first = Read(texts, "one", _pieces);
        Assert.Equal(0, texts.Bytes);
        var second = Read(texts, "one", _pieces);
        Assert.InRange(texts.Bytes, _pieces.Sum(piece => piece.Length), _pieces.Sum(piece => piece.Length) + 4096);
        Assert.Equal(first, second);
        Assert.All(second.Zip(Read(texts, "one", _pieces)), pair => Assert.Same(pair.First, pair.Second));
        // Another body shares the pieces that did not change.
        var changed = Read(texts, "two", [.. _pieces[..2], Piece.Of("new"u8)]);
        Assert.Same(second[0], changed[0]);
        Assert.Equal("new"u8.ToArray(), changed[2]);
    }

    [Fact]
    public void A_body_that_is_asked_for_now_and_then_is_not_kept()
    {
        using var texts = new PlainTexts(_clock);
        Read(texts, "one", _pieces);
        _clock.Now += PlainTexts.Busy;
        Read(texts, "one", _pieces);
        Assert.Equal(0, texts.Bytes);
    }

    [Fact]
    public void Nothing_is_kept_when_nobody_has_asked_for_a_minute()
    {
        using var texts = new PlainTexts(_clock);
        Read(texts, "one", _pieces);
        Read(texts, "one", _pieces);
        _clock.Now += PlainTexts.Busy - TimeSpan.FromSeconds(1);
        _clock.Tick();
        Assert.NotEqual(0, texts.Bytes);
        _clock.Now += TimeSpan.FromSeconds(1);
        _clock.Tick();
        Assert.Equal(0, texts.Bytes);
    }

    /// <summary>A clock whose time and timer the test moves.</summary>
    private sealed class HandTimer : TimeProvider, ITimer
    {
        private Action _tick = () => { };

        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            return this;
        }

        public void Tick() => _tick();

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => _tick = () => { };

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
