using System.Diagnostics;
using OpenTelemetry;

namespace Claimed.Registry.Telemetry;

/// <summary>Drops calls to other servers that belong to nobody's request or build: twice a second the database is asked what is new.</summary>
internal sealed class WithoutPolls : BaseProcessor<Activity>
{
    public override void OnStart(Activity data)
    {
        if (data.Kind != ActivityKind.Client || data.ParentId is not null)
            return;
        data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        data.IsAllDataRequested = false;
    }
}
