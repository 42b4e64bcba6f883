using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access;

/// <summary>
/// Roles of the identity provider's groups from a file (<c>Access__File</c>): <c>{"groups": {"ml-team": {"acme": "publisher"}, "platform": {"*": "administrator"}}}</c>.
/// Read again when it changes; one that cannot be read leaves what was known, and is logged.
/// </summary>
public sealed partial class GroupRoles : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly string? _path;
    private readonly string? _administrators;
    private readonly ILogger<GroupRoles> _logger;
    private readonly ITimer? _timer;
    private volatile GroupTable _current = GroupTable.Empty;
    private (DateTime Written, long Length) _seen;
    private string? _complained;

    public GroupRoles(IOptions<AccessOptions> options, TimeProvider clock, ILogger<GroupRoles> logger)
    {
        _path = options.Value.File;
        _administrators = options.Value.Oidc.Administrators;
        _logger = logger;
        if (_path is null)
            return;
        Look();
        // Mounted configuration is swapped by links, which file watchers miss.
        _timer = clock.CreateTimer(_ => Look(), null, Interval, Interval);
    }

    /// <summary>Another object after each change.</summary>
    internal object Current => _current;

    public bool IsAdministrator(Caller caller) => caller.Groups.Any(group => group == _administrators || _current.Administrators.Contains(group));

    public MemberRole RoleIn(Caller caller, string space) =>
        caller.Groups.Select(group => _current.Roles.GetValueOrDefault((group, space))).DefaultIfEmpty().Max();

    private void Look()
    {
        try
        {
            var file = new FileInfo(_path!).ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? new FileInfo(_path!);
            var seen = (file.LastWriteTimeUtc, file.Length);
            if (seen == _seen)
                return;
            _current = GroupTable.Read(File.ReadAllText(_path!));
            (_seen, _complained) = (seen, null);
            LogRead(_logger, _path!, _current.Roles.Count + _current.Administrators.Count);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            // Looked at each second until it is right, and told once.
            if (fault.Message != _complained)
                LogUnreadable(_logger, _path!, fault.Message);
            _complained = fault.Message;
        }
    }

    public void Dispose() => _timer?.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} gives {Count} roles to groups.")]
    private static partial void LogRead(ILogger logger, string path, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} cannot be read; roles of groups stay as they were. {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string path, string reason);
}
