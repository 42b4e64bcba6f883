using System.Globalization;
using System.Text;
using Claimed.Database.Access;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.People;

/// <summary>What the identity provider says of a person.</summary>
/// <param name="Subject">Immutable, unique at the issuer.</param>
/// <param name="Names">Wishes for the name, best first.</param>
public sealed record ProvidedPerson(string Issuer, string Subject, IReadOnlyList<string> Names, string? DisplayName, IReadOnlyList<string> Groups);

/// <summary>Finds the rows of people who come from the identity provider, by issuer and subject; makes them at the first sign-in.</summary>
public sealed class ProviderPeople(RegistryDatabase database)
{
    private const int MaxGroups = 500;
    private const int MaxText = 200;
    private const int MaxName = 56;

    /// <summary>Null when the person is disabled.</summary>
    public async Task<SignedIn?> SignInAsync(ProvidedPerson who, string? address, CancellationToken cancellation)
    {
        // Whoever signs in for the first time has no name here yet.
        Actor.Current = new Actor(Wish(who), address, null);
        return await database.ChangeAsync(async change =>
        {
            var row = await change.Db.Users.SingleOrDefaultAsync(user => user.Issuer == who.Issuer && user.Subject == who.Subject, change.Cancellation);
            if (row?.DisabledAt is not null)
                return null;
            var word = "-signed-in";
            if (row is null)
            {
                change.Db.Users.Add(row = new User { Name = await FreeNameAsync(change, Wish(who)), Issuer = who.Issuer, Subject = who.Subject, CreatedAt = change.Now });
                word = "-created";
            }
            Actor.Current = new Actor(row.Name, address, null);
            row.DisplayName = who.DisplayName is { Length: > 0 } title ? Bounded(title) : row.Name;
            row.Groups = Json.Write(who.Groups.Where(IsGroup).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxGroups));
            // The event names its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Tell(KnownTokens.UserEvent + word, $"user {row.Id}", new { id = row.Id, name = row.Name });
            return new SignedIn(row.Id, row.Stamp, row.Name);
        }, cancellation);
    }

    /// <summary>A name is never anyone else's: whoever comes later gets a number behind it.</summary>
    private static async Task<string> FreeNameAsync(Change change, string wish)
    {
        var prefix = wish + "-";
        var known = await change.Db.Users.Where(user => user.Name == wish || user.Name.StartsWith(prefix)).Select(user => user.Name).ToListAsync(change.Cancellation);
        var taken = known.ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? wish : string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}")).First(name => !taken.Contains(name));
    }

    private static string Wish(ProvidedPerson who) => who.Names.Select(Fit).FirstOrDefault(name => name is not null) ?? "person";

    /// <summary>What a wish becomes in the letters that names have; null when nothing of it is left.</summary>
    internal static string? Fit(string wish)
    {
        var letters = new List<char>();
        foreach (var letter in wish.Take(MaxText).Select(char.ToLowerInvariant))
        {
            if (char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '_' or '@' or '+')
                letters.Add(letter);
            else if (letters.Count > 0 && letters[^1] != '-')
                letters.Add('-');
        }
        var name = string.Concat(letters.Take(MaxName)).Trim('.', '_', '@', '+', '-');
        name = ReservedNames.Has(name) ? "person-" + name : name;
        return UserEndpoints.UserName.IsMatch(name) ? name : null;
    }

    // What is cut or mended could become the name of another group; what cannot be stored is no group here.
    private static bool IsGroup(string group) => group.Length is > 0 and <= MaxText && !group.Any(char.IsControl) && !group.EnumerateRunes().Contains(Rune.ReplacementChar);

    private static string Bounded(string text) => string.Concat(text.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(MaxText)).Trim();
}
