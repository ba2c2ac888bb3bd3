#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Tells who started us where we listen; a pipe would keep the line until it has many.
func announce(_ port: Int?) {
    setvbuf(stdout, nil, _IOLBF, 0)
    print("port \(port ?? 0)")
}
