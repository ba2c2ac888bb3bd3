/// Makes a type a module: a group of providers and controllers, and what of them others may use.
///
/// ```swift
/// @Module(
///     imports: [DatabaseModule.self, ClientsModule.register([...])],
///     providers: [OrderRepository.self, Provider.value(Settings(), named: "SETTINGS")],
///     controllers: [Orders.self],
///     exports: [OrderRepository.self])
/// enum OrdersModule {}
/// ```
///
/// Stands on an enum, a struct, a final class or an actor. The lists are read by the macro, so they are written out as
/// arrays; a list that is computed needs the form without a macro, which is also what the above stands for:
///
/// ```swift
/// enum OrdersModule: Module {
///     static var metadata: ModuleMetadata {
///         ModuleMetadata(
///             imports: [ModuleImport(DatabaseModule.self), ModuleImport(ClientsModule.register([...]))],
///             providers: [Provider(OrderRepository.self), .value(Settings(), named: "SETTINGS")],
///             controllers: [Orders.self],
///             exports: [ModuleExport(OrderRepository.self)])
///     }
/// }
/// ```
///
/// - Parameters:
///   - imports: Modules whose exports this module's providers may use: `OtherModule.self`, or the value of a
///     `DynamicModule`. To import a value here and export it too, keep it in a `static let`.
///   - providers: `Repository.self` for an injectable type, or a `Provider`: `Provider.value(…)`,
///     `Provider.factory { … }`. The type's name has to stand before the dot.
///   - controllers: What answers messages.
///   - exports: Which providers importers may use: a type, a whole imported module, or
///     `ModuleExport(String.self, named: "NAME")`.
///   - isGlobal: With true, exports are there for every module without importing this one.
@attached(member, names: named(metadata))
@attached(extension, conformances: Module)
public macro Module(
    imports: [Any] = [], providers: [Any] = [], controllers: [any Injectable.Type] = [], exports: [Any] = [],
    isGlobal: Bool = false
) = #externalMacro(module: "NestMacrosPlugin", type: "ModuleMacro")
