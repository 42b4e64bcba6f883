using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Claimed.Database;
using Claimed.Database.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access.Tokens;

/// <summary>
/// All valid tokens and the people they act for, in memory and fed by the events, so that asking costs no query and a token that is
/// revoked on one node is over on all. Found by hash: how long that takes says nothing of the token.
/// </summary>
public sealed partial class KnownTokens
{
    /// <summary>Tells of a token; the subject is <c>token ID</c>.</summary>
    public const string TokenEvent = SnapshotFeed.AccessKinds + "token";

    /// <summary>Tells of a person; the subject is <c>user ID</c>.</summary>
    public const string UserEvent = SnapshotFeed.AccessKinds + "user";

    /// <summary>How long tokens are believed while the database does not say what was revoked.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromMinutes(10);

    /// <summary>Who made the token that the settings name; no person and no token is called so.</summary>
    internal const string BySettings = "the settings";

    private readonly RegistryDatabase _database;
    private readonly SnapshotFeed _feed;
    private readonly TimeProvider _clock;
    private readonly IOptions<RegistryOptions> _options;
    private readonly ILogger<KnownTokens> _logger;
    private readonly ConcurrentDictionary<UInt128, Entry> _byHash = new();
    private readonly ConcurrentDictionary<long, Entry> _byId = new();
    private readonly ConcurrentDictionary<long, Person> _people = new();

    public KnownTokens(RegistryDatabase database, SnapshotFeed feed, TimeProvider clock, IOptions<RegistryOptions> options, ILogger<KnownTokens> logger)
    {
        _database = database;
        _feed = feed;
        _clock = clock;
        _options = options;
        _logger = logger;
        feed.Follows = FollowAsync;
    }

    /// <summary>File of the generated administrator token, when none was configured.</summary>
    public string AdminTokenFile => Path.GetFullPath(Path.Combine(_options.Value.DataPath, "admin-token"));

    /// <summary>Sees that the administrator's token is known, unless that very text was revoked, and reads all tokens and people.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        var hash = TokenText.HashOf(_options.Value.AdminToken ?? KeyFiles.ReadOrCreate(AdminTokenFile, TokenText.New));
        var all = string.Join(' ', ScopeWords.Of(Scopes.All));
        // Two processes may start at once on one database; whoever is second finds the row.
        await _database.ChangeAsync(change => change.Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO tokens ("Name", "Hash", "Scopes", "Pattern", "CreatedBy", "CreatedAt") VALUES ('administrator', {hash}, {all}, '*', {BySettings}, {change.Now})
            ON CONFLICT ("Hash") DO UPDATE SET "Scopes" = excluded."Scopes", "Pattern" = '*', "CreatedBy" = excluded."CreatedBy"
            """,
            change.Cancellation), cancellation);
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var (tokens, people) = await _database.ReadAsync(async db => (
            await db.Tokens.Where(row => row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now)).ToListAsync(cancellation), await db.Users.ToListAsync(cancellation)), cancellation);
        foreach (var person in people)
            _people[person.Id] = Person.From(person);
        // A configured token replaces older ones: changing the setting is how one is withdrawn.
        foreach (var row in tokens.Where(row => row.Hash == hash || row.CreatedBy is not (null or BySettings)))
            Keep(row);
        // What was revoked, because it leaked perhaps, stays so however often a node starts with it.
        if (!tokens.Exists(row => row.Hash == hash))
            LogRevoked(_logger, AdminTokenFile);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The administrator's token of the settings was revoked and opens nothing: give Registry__AdminToken another text on every node, or remove {Path} where it is not set, then start again.")]
    private static partial void LogRevoked(ILogger logger, string path);

    /// <summary>Whose token it is; null when it is not known, has expired or was revoked, or its person may no longer sign in.</summary>
    public Caller? Find(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = System.Text.Encoding.UTF8.GetByteCount(token);
        Span<byte> text = length <= 256 ? stackalloc byte[length] : new byte[length];
        System.Text.Encoding.UTF8.GetBytes(token, text);
        SHA256.HashData(text, hash);
        return _byHash.TryGetValue(KeyOf(hash), out var entry) && CryptographicOperations.FixedTimeEquals(hash, entry.Hash) ? CallerOf(entry) : null;
    }

    /// <summary>The same for a token that is known by its row.</summary>
    public Caller? Find(long id) => _byId.TryGetValue(id, out var entry) ? CallerOf(entry) : null;

    /// <summary>A person who may sign in, for a session of that stamp; null when the session is over.</summary>
    public Caller? FindPerson(long id, long stamp)
    {
        if (_feed.Age > Trust)
            throw new RefusedException(DatabaseFaults.Away);
        return _people.TryGetValue(id, out var person) && !person.IsDisabled && person.Stamp == stamp ? person.Caller : null;
    }

    /// <summary>Whether anyone signs in here with a password.</summary>
    public bool HasLocalPeople => _people.Values.Any(person => person.IsLocal);

    private Caller? CallerOf(Entry entry)
    {
        if (entry.ExpiresAt is { } end && end <= _clock.GetUtcNow().ToUnixTimeMilliseconds())
            return null;
        if (_feed.Age > Trust)
            throw new RefusedException(DatabaseFaults.Away);
        Person? person = null;
        if (entry.UserId is { } user && (!_people.TryGetValue(user, out person) || person.IsDisabled))
            return null;
        Interlocked.Exchange(ref entry.UsedAt, _clock.GetUtcNow().ToUnixTimeMilliseconds());
        return entry.CallerFor(person);
    }

    private async Task FollowAsync(RegistryContext db, IReadOnlyList<SeenEvent> events, CancellationToken cancellation)
    {
        foreach (var subject in events.Where(seen => seen.Kind.StartsWith(TokenEvent, StringComparison.Ordinal)).Select(seen => seen.Subject).Distinct(StringComparer.Ordinal))
        {
            var id = IdOf(subject);
            if (await db.Tokens.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellation) is { RevokedAt: null } row)
                Keep(row);
            else
                Forget(id);
        }
        foreach (var subject in events.Where(seen => seen.Kind.StartsWith(UserEvent, StringComparison.Ordinal)).Select(seen => seen.Subject).Distinct(StringComparer.Ordinal))
        {
            var id = IdOf(subject);
            if (await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellation) is { } row)
                _people[id] = Person.From(row);
            else
                _people.TryRemove(id, out _);
        }
    }

    /// <summary>Tokens that were used since the last call, and when.</summary>
    internal IReadOnlyList<(long Id, long UsedAt)> TakeUses()
    {
        var uses = new List<(long, long)>();
        foreach (var (id, entry) in _byId)
        {
            if (Interlocked.Exchange(ref entry.UsedAt, 0) is > 0 and var used)
                uses.Add((id, used));
        }
        return uses;
    }

    /// <summary>Gives back the memory of tokens whose time is over: CI jobs get one each.</summary>
    internal void ForgetEnded()
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (id, _) in _byId.Where(entry => entry.Value.ExpiresAt <= now))
            Forget(id);
    }

    private void Forget(long id)
    {
        if (_byId.TryRemove(id, out var gone))
            _byHash.TryRemove(KeyOf(gone.Hash), out _);
    }

    private void Keep(AccessToken row)
    {
        var entry = new Entry(row);
        _byId[row.Id] = entry;
        _byHash[KeyOf(entry.Hash)] = entry;
    }

    private static long IdOf(string subject) => long.Parse(subject.AsSpan(subject.IndexOf(' ') + 1), CultureInfo.InvariantCulture);

    private static UInt128 KeyOf(ReadOnlySpan<byte> hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);

    private sealed class Entry(AccessToken row)
    {
        public readonly byte[] Hash = Convert.FromHexString(row.Hash);
        public readonly long? UserId = row.UserId;
        public readonly long? ExpiresAt = row.ExpiresAt;
        public long UsedAt;
        private readonly (long Id, string Name, string Scopes, string Pattern, long? Rule, string? Claims) _row =
            (row.Id, NameOf(row), row.Scopes, row.Pattern, row.TrustRuleId, row.TrustClaims);
        private volatile Made? _made;

        /// <summary>What the audit calls a token of no person. Its maker chose its name, so that alone could pass for somebody; an issuer says who a job is.</summary>
        private static string NameOf(AccessToken row) => row.CreatedBy == BySettings || row.TrustRuleId is not null
            ? row.Name
            : string.Create(CultureInfo.InvariantCulture, $"token {row.Id} of {row.Pattern} ({row.Name})");

        /// <summary>The same object as long as the person is the same.</summary>
        public Caller CallerFor(Person? person)
        {
            if (_made is { } made && ReferenceEquals(made.Person, person))
                return made.Caller;
            if (!ScopeWords.TryRead(_row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var scopes, out _) || !SubjectPattern.TryParse(_row.Pattern, out var pattern))
                throw new InvalidOperationException($"Token {_row.Id} has scopes \"{_row.Scopes}\" or a pattern \"{_row.Pattern}\" that this version does not know.");
            var caller = new Caller
            {
                Name = person?.Name ?? _row.Name,
                TokenId = _row.Id,
                UserName = person?.Name,
                Groups = person?.Groups ?? [],
                // A token of the instance was made by an administrator; its scopes say what of an administrator's rights it has.
                IsAdministrator = person is null ? pattern.Namespace is null : person.IsAdministrator,
                Scopes = scopes,
                Pattern = pattern,
                TrustRuleId = _row.Rule,
                TrustClaims = _row.Claims,
            };
            _made = new Made(person, caller);
            return caller;
        }

        private sealed record Made(Person? Person, Caller Caller);
    }

    private sealed record Person(string Name, IReadOnlyList<string> Groups, bool IsAdministrator, bool IsDisabled, long Stamp, bool IsLocal)
    {
        /// <summary>In a session a person may do everything that the person may.</summary>
        public Caller Caller { get; } = new() { Name = Name, UserName = Name, Groups = Groups, IsAdministrator = IsAdministrator, Scopes = Scopes.All };

        public static Person From(User row) => new(row.Name, Json.Read<string[]>(row.Groups), row.IsAdministrator, row.DisabledAt is not null, row.Stamp, row.PasswordHash is not null);
    }
}
