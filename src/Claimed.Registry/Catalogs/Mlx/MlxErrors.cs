using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>Errors of the MLX API.</summary>
internal sealed class MlxErrors : ClientErrors
{
    protected override IResult Document(int status, string message) => Results.Json(new MlxStatus(message, status), Json.Options, MlxEndpoints.JsonType, status);
}
