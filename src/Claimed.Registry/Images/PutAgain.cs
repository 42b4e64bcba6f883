using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>A collection with a short grace may be faster than the rows: then the bytes are put again, as if nothing had been.</summary>
internal static class PutAgain
{
    private const int MostTimes = 3;

    /// <param name="putAndName">Stores the bytes, and then the rows that name them.</param>
    public static async Task RunAsync(Func<Task> putAndName)
    {
        for (var lost = 0; ;)
        {
            try
            {
                await putAndName();
                return;
            }
            catch (BlobLostException) when (++lost <= MostTimes)
            {
            }
        }
    }
}
