using Claimed.Database.Access;
using Claimed.Registry.Access.Limits;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access.People;

/// <summary>Signs local people in. Whoever fails learns neither from the answer nor from its time whether the name is anyone's.</summary>
public sealed class LocalSignIn(RegistryDatabase database, IPasswordHasher<User> hasher, SharedLimits limits, IOptions<LimitOptions> options) : IDisposable
{
    // A hash takes a processor for a tenth of a second by design; a flood of sign-ins must leave some for everyone else.
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Lazy<string> _nobodys = new(() => hasher.HashPassword(Nobody, TokenText.New()));

    private static readonly User Nobody = new() { Name = "nobody" };

    // Behind one address is a whole office; from everywhere at once comes who guesses one name, and its person must not stay out for that.
    private const int TimesAddress = 5;
    private const int TimesName = 10;

    /// <summary>How long to wait when this address tried this name too often, or tried too often, or all did for this name; null while more may be tried. Anyone's name counts, known or not.</summary>
    /// <param name="address">As <see cref="AddressKey"/> has it.</param>
    public async Task<Allowance?> TooManyAsync(string name, string address, CancellationToken cancellation)
    {
        // People type passwords where names belong.
        var hashed = TokenText.HashOf(name)[..32];
        (string Key, int Times)[] all = [($"sign-in {hashed} {address}", 1), ($"sign-in address {address}", TimesAddress), ($"sign-in name {hashed}", TimesName)];
        foreach (var (key, times) in all)
        {
            if (await limits.TakeAsync(key, options.Value.SignIns * times, cancellation) is { IsWithin: false } over)
                return over;
        }
        return null;
    }

    /// <summary>The person, or null when the name is no one's, the password is wrong or the person may not sign in.</summary>
    public async Task<SignedIn?> SignInAsync(string name, string password, string? address, CancellationToken cancellation)
    {
        var row = !UserEndpoints.UserName.IsMatch(name) ? null : await database.ReadAsync(db => db.Users.SingleOrDefaultAsync(user => user.Name == name, cancellation), cancellation);
        var mayTry = row is { PasswordHash: not null, DisabledAt: null, Issuer: null };
        var verdict = await VerifyAsync(mayTry ? row! : Nobody, mayTry ? row!.PasswordHash! : null, password, cancellation);
        if (!mayTry || verdict == PasswordVerificationResult.Failed)
            return null;
        var newHash = verdict == PasswordVerificationResult.SuccessRehashNeeded ? hasher.HashPassword(row!, password) : null;
        Actor.Current = new Actor(row!.Name, address, null);
        return await database.ChangeAsync(async change =>
        {
            // What was checked above may have changed since.
            var now = await change.Db.Users.SingleOrDefaultAsync(user => user.Id == row.Id && user.Stamp == row.Stamp && user.DisabledAt == null, change.Cancellation);
            if (now is null)
                return null;
            // The same password in a newer form: sessions go on.
            now.PasswordHash = newHash ?? now.PasswordHash;
            change.Tell(KnownTokens.UserEvent + "-signed-in", $"user {now.Id}", new { id = now.Id, name = now.Name });
            return new SignedIn(now.Id, now.Stamp, now.Name);
        }, cancellation);
    }

    /// <summary>Ends the person's sessions, on every node: a cookie that somebody has copied is worth nothing then.</summary>
    public Task SignOutAsync(Session session, CancellationToken cancellation)
    {
        Actor.Current = Actor.Current with { Name = session.Caller.Name };
        return database.ChangeAsync(async change =>
        {
            var row = await change.Db.Users.SingleAsync(user => user.Id == session.UserId, change.Cancellation);
            row.Stamp++;
            change.Tell(KnownTokens.UserEvent + "-signed-out", $"user {row.Id}", new { id = row.Id, name = row.Name });
        }, cancellation);
    }

    private async Task<PasswordVerificationResult> VerifyAsync(User user, string? hash, string password, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation);
        try
        {
            // Nobody's is made by whoever comes first, whatever the name.
            return await Task.Run(() =>
            {
                var nobodys = _nobodys.Value;
                return hasher.VerifyHashedPassword(user, hash ?? nobodys, password);
            }, cancellation);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
