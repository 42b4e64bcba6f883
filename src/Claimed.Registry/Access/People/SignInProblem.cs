namespace Claimed.Registry.Access.People;

/// <summary>Why a sign-in at the provider came to nothing.</summary>
public enum SignInProblem
{
    /// <summary>The provider cannot be asked.</summary>
    Away,

    /// <summary>What it answered is not valid.</summary>
    Provider,

    /// <summary>The person or the provider said no.</summary>
    Declined,

    /// <summary>The browser came back without the cookies it left with.</summary>
    Lost,

    /// <summary>The person may not sign in here.</summary>
    Disabled,
}

/// <summary>Problems as words of an address, and as sentences; nothing that a provider or a link says is shown.</summary>
public static class SignInProblems
{
    public static string PageOf(SignInProblem problem) => "/sign-in?problem=" + problem.ToString().ToLowerInvariant();

    public static SignInProblem? Read(string? word) =>
        Enum.GetValues<SignInProblem>().Where(problem => problem.ToString().ToLowerInvariant() == word).Select(problem => (SignInProblem?)problem).FirstOrDefault();

    public static string Text(this SignInProblem problem, string publicUrl) => problem switch
    {
        SignInProblem.Away => "The identity provider does not answer. Try again in a minute; if it stays so, tell the registry's operator.",
        SignInProblem.Declined => "The identity provider did not let you in. Try again, or ask whoever runs it for access to this registry.",
        SignInProblem.Lost => $"The sign-in took too long, or began at another address. Open {publicUrl} with cookies allowed and sign in again.",
        SignInProblem.Disabled => "You may not sign in to this registry. Ask one of its administrators.",
        _ => "The identity provider's answer could not be used. Try again; if it stays so, tell the registry's operator, whose log has the reason.",
    };
}
