using System.Text.RegularExpressions;
using Claimed.Registry.Access;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Patterns and scopes that nobody thought of, against what their descriptions say in other words. The seed is printed; a failure comes again with it.</summary>
public sealed class RandomRightsTests(SharedRegistry registry, ITestOutputHelper output) : IClassFixture<SharedRegistry>
{
    private const int Seed = 20260101;
    private const int Rounds = 20_000;
    private static readonly string[] Spaces = ["acme", "acme-a", "ac", "b", "b2"];

    [Fact]
    public void A_pattern_covers_what_its_text_says_and_lies_only_within_patterns_that_cover_as_much()
    {
        var random = Begin();
        for (var round = 0; round < Rounds; round++)
        {
            var (one, other) = (Pattern(random), Pattern(random));
            Assert.Equal(one, Read(one.ToString()));
            for (var subject = 0; subject < 8; subject++)
            {
                var (space, name) = (random.Pick(Spaces), random.Next(6) == 0 ? null : Name(random));
                Assert.True(one.Covers(space, name) == Says(one.ToString(), space, name), $"{one} and {space}/{name}");
                if (one.IsWithin(other) && one.Covers(space, name))
                    Assert.True(other.Covers(space, name), $"{one} within {other}: {space}/{name}");
            }
            // A name that the one covers and the other does not is found by asking for the narrowest that the one covers.
            if (!one.IsWithin(other) && one.Namespace is { } own)
                Assert.False(other.Covers(own, one.ToString().Split('/')[1].TrimEnd('*') is { Length: > 0 } stem ? stem : null) && !one.ToString().EndsWith('*'), $"{one} within {other}");
        }
    }

    [Fact]
    public void Texts_made_of_the_letters_of_patterns_are_read_as_they_are_written_or_not_at_all()
    {
        var random = Begin();
        const string letters = "ab-*/2 A_.\n";
        for (var round = 0; round < Rounds; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => letters[random.Next(letters.Length)]));
            if (SubjectPattern.TryParse(text, out var pattern))
                Assert.Equal(text, pattern.ToString());
        }
    }

    [Fact]
    public async Task A_deed_takes_its_scope_a_pattern_that_covers_the_subject_and_the_role()
    {
        var host = registry.Host;
        var roles = new Dictionary<(string, string), MemberRole>();
        foreach (var (space, isPrivate) in new[] { ("acme", true), ("acme-a", false), ("b", true) })
        {
            await host.CreateNamespaceAsync(space, isPrivate, ("rita", "reader"), ("paul", "publisher"), ("olga", "owner"), ("sam", "reader"));
            foreach (var (user, role) in new[] { ("rita", MemberRole.Reader), ("paul", MemberRole.Publisher), ("olga", MemberRole.Owner) })
                roles[(user, space)] = role;
            await host.Admin.JsonAsync(HttpMethod.Delete, $"/api/v1/namespaces/{space}/members/user/sam");
        }
        var rights = host.Services.GetRequiredService<Rights>();
        var random = Begin();
        var allowed = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var scopes = (Scopes)random.Next((int)Scopes.All + 1);
            Assert.True(ScopeWords.TryRead(ScopeWords.Of(scopes), out var again, out _) && again == scopes);
            var user = random.Pick(["rita", "paul", "olga", "sam"]);
            var caller = new Caller { Name = user, UserName = user, TokenId = 1, Scopes = scopes, Pattern = Pattern(random) };
            var (deed, space, name) = (random.Pick(Enum.GetValues<Deed>()), random.Pick(["acme", "acme-a", "b"]), random.Next(4) == 0 ? null : Name(random));
            var expected = deed switch
            {
                Deed.Administer => false,
                Deed.Read when space == "acme-a" => true,
                Deed.Read => scopes != Scopes.None && (name is null ? caller.Pattern.Touches(space) : Says(caller.Pattern.ToString(), space, name)) && roles.ContainsKey((user, space)),
                _ => scopes.HasFlag(ScopeOf(deed)) && Says(caller.Pattern.ToString(), space, name) && roles.GetValueOrDefault((user, space)) >= (deed == Deed.Manage ? MemberRole.Owner : MemberRole.Publisher),
            };
            Assert.True(rights.May(caller, deed, space, name) == expected, $"{user} ({string.Join(' ', ScopeWords.Of(scopes))}, {caller.Pattern}): {deed} {space}/{name}");
            allowed += expected ? 1 : 0;
        }
        Assert.InRange(allowed, Rounds / 50, Rounds / 2);
    }

    private Random Begin()
    {
        output.WriteLine($"Seed {Seed}.");
        return new Random(Seed);
    }

    private static Scopes ScopeOf(Deed deed) => Enum.Parse<Scopes>(deed.ToString());

    private static SubjectPattern Read(string text) => SubjectPattern.TryParse(text, out var pattern) ? pattern : throw new InvalidOperationException(text);

    private static SubjectPattern Pattern(Random random) => random.Next(8) == 0 ? SubjectPattern.All : Read($"{random.Pick(Spaces)}/{random.Next(4) switch
    {
        0 => "*",
        1 => Name(random),
        2 => Name(random) + "*",
        _ => Name(random) + "-*",
    }}");

    private static string Name(Random random) => string.Join('-', Enumerable.Range(0, 1 + random.Next(2)).Select(_ => string.Concat(Enumerable.Range(0, 1 + random.Next(3)).Select(_ => "ab"[random.Next(2)]))));

    /// <summary>What a pattern says, read as people read it: * stands for whatever follows; the namespace itself is for who has all of it.</summary>
    private static bool Says(string pattern, string space, string? name) => pattern == "*"
        || (name is null ? pattern == space + "/*" : Regex.IsMatch($"{space}/{name}", $@"\A{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}\z"));
}

file static class Picking
{
    public static T Pick<T>(this Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
