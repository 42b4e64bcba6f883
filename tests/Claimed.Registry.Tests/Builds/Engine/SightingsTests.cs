using Claimed.Registry.Builds.Engine;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>What housekeeping may take for older than the builds that run.</summary>
[Trait("Database", "any")]
public sealed class SightingsTests
{
    private readonly Sightings _seen = new();

    [Fact]
    public void Without_a_build_everything_is_old()
    {
        _seen.Note(["a"], []);
        Assert.True(_seen.IsOld("a"));
    }

    [Fact]
    public void What_is_seen_first_together_with_a_build_may_be_its_own()
    {
        _seen.Note(["a"], [(1, 1)]);
        Assert.False(_seen.IsOld("a"));
        _seen.Note(["a", "b"], [(1, 1)]);
        Assert.False(_seen.IsOld("a"));
        Assert.False(_seen.IsOld("b"));
    }

    [Fact]
    public void What_was_seen_before_all_builds_that_run_is_old_as_soon_as_the_last_earlier_one_has_ended()
    {
        _seen.Note(["a"], [(1, 1)]);
        _seen.Note(["a", "b"], [(1, 1), (2, 1)]);
        Assert.False(_seen.IsOld("a"));
        _seen.Note(["a", "b"], [(2, 1)]);
        Assert.True(_seen.IsOld("a"));
        Assert.False(_seen.IsOld("b"));
        // The same build in other hands begins anew.
        _seen.Note(["a", "b"], [(2, 2)]);
        Assert.True(_seen.IsOld("b"));
    }

    [Fact]
    public void What_comes_back_is_new()
    {
        _seen.Note(["a"], []);
        _seen.Note([], []);
        _seen.Note(["a"], [(1, 1)]);
        Assert.False(_seen.IsOld("a"));
    }
}
