namespace Claimed.Registry.Http.Pieces;

/// <summary>
/// The CRC-32 of two texts one after the other, from those of each alone. A CRC is the remainder of a polynomial over GF(2); text that
/// follows shifts what came before by its length, which is a multiplication by a power of x.
/// </summary>
internal static class JoinedChecksum
{
    private const uint Polynomial = 0xEDB88320;
    // The highest bit is the constant term.
    private const uint One = 0x8000_0000;
    private const uint X = 0x4000_0000;

    // x to the power of 2^n; the powers repeat after 32 of them.
    private static readonly uint[] Powers = MakePowers();

    public static uint Of(uint first, uint second, long lengthOfSecond) => Multiply(Shift(lengthOfSecond), first) ^ second;

    /// <summary>x to the power of the bits in so many bytes.</summary>
    private static uint Shift(long bytes)
    {
        var shift = One;
        for (var power = 3; bytes > 0; bytes >>= 1, power++)
        {
            if ((bytes & 1) != 0)
                shift = Multiply(Powers[power % Powers.Length], shift);
        }
        return shift;
    }

    private static uint Multiply(uint left, uint right)
    {
        var product = 0u;
        for (var bit = One; bit != 0; bit >>= 1)
        {
            if ((left & bit) != 0)
                product ^= right;
            right = (right & 1) == 0 ? right >> 1 : right >> 1 ^ Polynomial;
        }
        return product;
    }

    private static uint[] MakePowers()
    {
        var powers = new uint[31];
        powers[0] = X;
        for (var n = 1; n < powers.Length; n++)
            powers[n] = Multiply(powers[n - 1], powers[n - 1]);
        return powers;
    }
}
