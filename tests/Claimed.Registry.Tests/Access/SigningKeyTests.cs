using Claimed.Registry.Access.Passes;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Two nodes, one folder of keys.</summary>
[Trait("Database", "any")]
public sealed class SigningKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-test-").FullName;
    private readonly HeldClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_key_that_another_node_has_just_made_is_found_at_once_and_made_up_ones_do_not_have_the_folder_read_each_time()
    {
        var node = Node();
        SigningKeys.Make(_folder);
        Assert.Single(node.All);
        SigningKeys.Make(_folder);
        var made = Node().Newest.Id;
        // Right after a look there is none for what may be made up.
        Assert.Null(node.Find(made));
        _clock.Seconds += 1;
        Assert.NotNull(node.Find(made));
        Assert.Null(node.Find("made-up"));
    }

    [Fact]
    public void A_key_that_takes_the_place_of_another_is_seen()
    {
        var node = Node();
        SigningKeys.Make(_folder);
        SigningKeys.Make(_folder);
        Assert.Equal([1, 2], node.All.Select(key => key.Number));
        File.Delete(Path.Combine(_folder, "signing-1.pem"));
        SigningKeys.Make(_folder);
        _clock.Seconds += 5;
        Assert.Equal([2, 3], node.All.Select(key => key.Number));
    }

    private SigningKeys Node() => new(Options.Create(new RegistryOptions { KeysPath = _folder }), Options.Create(new DatabaseOptions()), _clock);

    private sealed class HeldClock : TimeProvider
    {
        public int Seconds { get; set; } = 100;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
