namespace Claimed.Registry.Http;

/// <summary>What the framework itself refuses (an unknown path, a method that is not there) in the words of every other problem.</summary>
public static class FrameworkProblems
{
    public static void Name(ProblemDetailsContext context)
    {
        // Those that were there went with the answer that a fault interrupted.
        SecurityHeaders.Add(context.HttpContext);
        var problem = context.ProblemDetails;
        // Our own types are words; the framework's are addresses of an RFC.
        if (problem.Type?.Contains("://", StringComparison.Ordinal) == false)
            return;
        var status = problem.Status ?? context.HttpContext.Response.StatusCode;
        var request = context.HttpContext.Request;
        (problem.Type, problem.Title, problem.Detail) = status switch
        {
            404 => ("not-found", "There is nothing at this address.", $"{Shown(request.Path)} is no address of this registry; /swagger lists them."),
            405 => ("method-not-allowed", "The address does not take this method.", $"{request.Method} is not for {Shown(request.Path)}; the header Allow says what is."),
            >= 500 => ("internal-error", "The registry failed.", "This is a fault of the registry; its log has the reason under the traceId."),
            _ => ("bad-request", "The request is malformed.", problem.Detail ?? $"It was refused with status {status}."),
        };
    }

    private static string Shown(PathString path)
    {
        var text = SecretText.Hide(path.ToUriComponent());
        return text.Length <= 200 ? text : text[..200] + "…";
    }
}
