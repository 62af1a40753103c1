//! Pictures by OpenGL: three planes as textures, converted, scaled and given round corners by a shader.
#![expect(unsafe_code, reason = "every call of OpenGL is unsafe")]
use std::collections::HashMap;

use conf_core::{Picture, Plane, Size};
use eframe::egui_glow::ShaderVersion;
use eframe::glow::{self, HasContext as _, PixelUnpackData};
use egui::Rect;

use super::colour::ToRgb;
use crate::model::Whose;

/// One picture to be painted.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    pub(super) whose: Whose,
    pub(super) picture: Picture,
    /// The part of it that is seen, from 0 to 1.
    pub(super) part: Rect,
    pub(super) is_mirrored: bool,
    /// How large it becomes, in pixels of the screen.
    pub(super) size: [f32; 2],
    /// Of its corners, likewise.
    pub(super) radius: f32,
    /// Red, green and blue of what is behind them.
    pub(super) ground: [u8; 3],
    /// It is in the first window, where pictures may be in panes.
    pub(super) may_be_in_pane: bool,
}

/// The shader, and the textures of everybody who is shown.
///
/// All of it lives on the thread that paints; the context is the one with which it was made.
pub(super) struct GlPictures {
    program: Program,
    corners: glow::Buffer,
    vertices: glow::VertexArray,
    /// Whether planes have one channel that is called red, and not luminance.
    has_red: bool,
    textures: HashMap<Whose, Textures>,
}

/// The planes of one source.
struct Textures {
    planes: [glow::Texture; 3],
    size: Size,
    picture: Option<Picture>,
    /// The frame in which it was last painted.
    frame: u64,
}

struct Program {
    program: glow::Program,
    part: Option<glow::UniformLocation>,
    half: Option<glow::UniformLocation>,
    radius: Option<glow::UniformLocation>,
    matrix: Option<glow::UniformLocation>,
    offset: Option<glow::UniformLocation>,
    tap: Option<glow::UniformLocation>,
}

impl GlPictures {
    /// Compiles the shader; says why it cannot.
    pub(super) fn new(gl: &glow::Context) -> Result<Self, String> {
        let version = ShaderVersion::get(gl);
        let program = Program::new(gl, version)?;
        // SAFETY: the context is current while the window paints; the buffer is filled with eight numbers, of which the
        // attribute takes two for each of four corners.
        unsafe {
            let vertices = gl.create_vertex_array()?;
            let corners = gl.create_buffer()?;
            gl.bind_vertex_array(Some(vertices));
            gl.bind_buffer(glow::ARRAY_BUFFER, Some(corners));
            let bytes = CORNERS.map(f32::to_ne_bytes).concat();
            gl.buffer_data_u8_slice(glow::ARRAY_BUFFER, &bytes, glow::STATIC_DRAW);
            gl.enable_vertex_attrib_array(0);
            gl.vertex_attrib_pointer_f32(0, 2, glow::FLOAT, false, 0, 0);
            gl.bind_vertex_array(None);
            Ok(Self {
                program,
                corners,
                vertices,
                has_red: version.is_new_shader_interface(),
                textures: HashMap::new(),
            })
        }
    }

    /// Paints into the whole of the viewport; `frame` counts the frames of the window.
    pub(super) fn paint(&mut self, gl: &glow::Context, draw: &Draw, frame: u64) {
        self.forget(gl, frame);
        if self.upload(gl, draw, frame).is_some() {
            self.draw(gl, draw);
        }
    }

    /// Gives everything back; the context must be current.
    pub(super) fn destroy(&mut self, gl: &glow::Context) {
        for (_, textures) in self.textures.drain() {
            textures.delete(gl);
        }
        // SAFETY: these were made with this context and are used no more.
        unsafe {
            gl.delete_program(self.program.program);
            gl.delete_buffer(self.corners);
            gl.delete_vertex_array(self.vertices);
        }
    }

    /// Gives back the textures of those who have not been shown for a while.
    fn forget(&mut self, gl: &glow::Context, frame: u64) {
        let old = self
            .textures
            .extract_if(|_, textures| textures.frame + KEPT_FRAMES < frame);
        for (_, textures) in old {
            textures.delete(gl);
        }
    }

    /// Brings the textures up to date.
    fn upload(&mut self, gl: &glow::Context, draw: &Draw, frame: u64) -> Option<()> {
        let textures = match self.textures.entry(draw.whose) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => new.insert(Textures::new(gl)?),
        };
        textures.frame = frame;
        let shown = textures.picture.as_ref();
        if !shown.is_some_and(|shown| shown.is_same(&draw.picture)) {
            textures.fill(gl, &draw.picture, self.has_red);
        }
        Some(())
    }

    fn draw(&self, gl: &glow::Context, draw: &Draw) {
        let Some(textures) = self.textures.get(&draw.whose) else {
            return;
        };
        let program = &self.program;
        let to_rgb = ToRgb::of(draw.picture.colours());
        let (left, width) = if draw.is_mirrored {
            (draw.part.right(), -draw.part.width())
        } else {
            (draw.part.left(), draw.part.width())
        };
        let [across, down] = draw.size;
        let (half, tap) = ([across / 2.0, down / 2.0], tap(draw));
        // SAFETY: the context is current, all objects were made with it, and four corners are in the buffer. The caller,
        // egui's painter, sets its own state again.
        unsafe {
            gl.use_program(Some(program.program));
            gl.uniform_4_f32(
                program.part.as_ref(),
                left,
                draw.part.top(),
                width,
                draw.part.height(),
            );
            gl.uniform_2_f32(program.half.as_ref(), half[0], half[1]);
            gl.uniform_1_f32(program.radius.as_ref(), draw.radius);
            gl.uniform_matrix_3_f32_slice(program.matrix.as_ref(), false, &to_rgb.columns());
            let [y, u, v] = to_rgb.offset;
            gl.uniform_3_f32(program.offset.as_ref(), y, u, v);
            gl.uniform_2_f32(program.tap.as_ref(), tap[0], tap[1]);
            for (unit, texture) in (glow::TEXTURE0..).zip(textures.planes) {
                gl.active_texture(unit);
                gl.bind_texture(glow::TEXTURE_2D, Some(texture));
            }
            gl.bind_vertex_array(Some(self.vertices));
            gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
            gl.bind_vertex_array(None);
            gl.active_texture(glow::TEXTURE0);
        }
    }
}

impl Textures {
    fn new(gl: &glow::Context) -> Option<Self> {
        let make = || {
            // SAFETY: the context is current; the parameters belong to the texture just bound.
            unsafe {
                let texture = gl.create_texture().ok()?;
                gl.bind_texture(glow::TEXTURE_2D, Some(texture));
                for (name, value) in [
                    (glow::TEXTURE_MIN_FILTER, glow::LINEAR),
                    (glow::TEXTURE_MAG_FILTER, glow::LINEAR),
                    (glow::TEXTURE_WRAP_S, glow::CLAMP_TO_EDGE),
                    (glow::TEXTURE_WRAP_T, glow::CLAMP_TO_EDGE),
                ] {
                    gl.tex_parameter_i32(glow::TEXTURE_2D, name, value.cast_signed());
                }
                Some(texture)
            }
        };
        Some(Self {
            planes: [make()?, make()?, make()?],
            size: Size::default(),
            picture: None,
            frame: 0,
        })
    }

    fn fill(&mut self, gl: &glow::Context, picture: &Picture, has_red: bool) {
        let is_same_size = self.size == picture.size();
        for (texture, plane) in self.planes.into_iter().zip(Plane::ALL) {
            let size = picture.plane_size(plane);
            let size = [size.width, size.height].map(u32::cast_signed);
            let pixels = picture.plane(plane);
            let (internal, format) = if has_red {
                (glow::R8, glow::RED)
            } else {
                (glow::LUMINANCE, glow::LUMINANCE)
            };
            // SAFETY: a plane has as many bytes as its size says, without gaps, which the alignment of 1 declares; four is
            // what others expect to find.
            unsafe {
                gl.bind_texture(glow::TEXTURE_2D, Some(texture));
                gl.pixel_store_i32(glow::UNPACK_ALIGNMENT, 1);
                fill_bound(gl, size, internal, format, pixels, is_same_size);
                gl.pixel_store_i32(glow::UNPACK_ALIGNMENT, 4);
            }
        }
        self.size = picture.size();
        self.picture = Some(picture.clone());
    }

    fn delete(self, gl: &glow::Context) {
        for texture in self.planes {
            // SAFETY: it was made with this context and is used no more.
            unsafe { gl.delete_texture(texture) };
        }
    }
}

impl Program {
    fn new(gl: &glow::Context, version: ShaderVersion) -> Result<Self, String> {
        let interface = match (version.is_new_shader_interface(), version.is_embedded()) {
            (true, true) => "#define NEW 1\nprecision highp float;\n",
            (true, false) => "#define NEW 1\n",
            (false, true) => "#define NEW 0\nprecision mediump float;\n",
            (false, false) => "#define NEW 0\n",
        };
        let head = format!("{}{interface}", version.version_declaration());
        // SAFETY: the context is current; each object is used by its own context only, and given back when it fails.
        unsafe {
            let program = gl.create_program()?;
            let sources = [
                (glow::VERTEX_SHADER, VERTEX),
                (glow::FRAGMENT_SHADER, FRAGMENT),
            ];
            for (kind, source) in sources {
                let shader = gl.create_shader(kind)?;
                gl.shader_source(shader, &format!("{head}{source}"));
                gl.compile_shader(shader);
                if !gl.get_shader_compile_status(shader) {
                    return Err(gl.get_shader_info_log(shader));
                }
                gl.attach_shader(program, shader);
                // It goes with the program.
                gl.delete_shader(shader);
            }
            gl.bind_attrib_location(program, 0, "corner");
            gl.link_program(program);
            if !gl.get_program_link_status(program) {
                return Err(gl.get_program_info_log(program));
            }
            gl.use_program(Some(program));
            for (unit, name) in (0..).zip(["plane_y", "plane_u", "plane_v"]) {
                let place = gl.get_uniform_location(program, name);
                gl.uniform_1_i32(place.as_ref(), unit);
            }
            let uniform = |name| gl.get_uniform_location(program, name);
            Ok(Self {
                program,
                part: uniform("part"),
                half: uniform("half_size"),
                radius: uniform("radius"),
                matrix: uniform("matrix"),
                offset: uniform("offset"),
                tap: uniform("tap"),
            })
        }
    }
}

/// Fills the texture that is bound, a byte for each channel; a texture that has this size already is not made anew.
///
/// # Safety
/// The context is current, and there are as many bytes as width, height, format and alignment say.
pub(super) unsafe fn fill_bound(
    gl: &glow::Context,
    [width, height]: [i32; 2],
    internal: u32,
    format: u32,
    pixels: &[u8],
    is_same_size: bool,
) {
    let (target, kind) = (glow::TEXTURE_2D, glow::UNSIGNED_BYTE);
    let pixels = PixelUnpackData::Slice(Some(pixels));
    // SAFETY: the caller has seen to it.
    unsafe {
        if is_same_size {
            gl.tex_sub_image_2d(target, 0, 0, 0, width, height, format, kind, pixels);
        } else {
            let internal = internal.cast_signed();
            gl.tex_image_2d(target, 0, internal, width, height, 0, format, kind, pixels);
        }
    }
}

/// How far apart four samples are taken where the picture is made much smaller, so that no line is left out; else 0.
fn tap(draw: &Draw) -> [f32; 2] {
    let size = draw.picture.size();
    let of = |pixels: u32, part: f32, screen: f32| {
        let (pixels, screen) = (pixels as f32, screen.max(1.0));
        if pixels * part > 1.5 * screen {
            part / screen / 4.0
        } else {
            0.0
        }
    };
    let [across, down] = draw.size;
    [
        of(size.width, draw.part.width(), across),
        of(size.height, draw.part.height(), down),
    ]
}

const CORNERS: [f32; 8] = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
/// Two seconds at 30 frames a second: whoever comes back soon is not sent to the graphics card again.
pub(super) const KEPT_FRAMES: u64 = 60;

const VERTEX: &str = "
#if NEW
    #define ATTRIBUTE in
    #define VARYING out
#else
    #define ATTRIBUTE attribute
    #define VARYING varying
#endif
ATTRIBUTE vec2 corner;
uniform vec4 part;
uniform vec2 half_size;
VARYING vec2 at;
VARYING vec2 from_centre;
void main() {
    at = part.xy + part.zw * corner;
    from_centre = (corner * 2.0 - 1.0) * half_size;
    gl_Position = vec4(corner.x * 2.0 - 1.0, 1.0 - corner.y * 2.0, 0.0, 1.0);
}
";

const FRAGMENT: &str = "
#if NEW
    #define VARYING in
    #define SAMPLE texture
    out vec4 colour;
#else
    #define VARYING varying
    #define SAMPLE texture2D
    #define colour gl_FragColor
#endif
VARYING vec2 at;
VARYING vec2 from_centre;
uniform sampler2D plane_y;
uniform sampler2D plane_u;
uniform sampler2D plane_v;
uniform vec2 half_size;
uniform float radius;
uniform mat3 matrix;
uniform vec3 offset;
uniform vec2 tap;
void main() {
    float y;
    if (tap.x + tap.y > 0.0) {
        y = 0.25 * (SAMPLE(plane_y, at + tap).r + SAMPLE(plane_y, at - tap).r
            + SAMPLE(plane_y, at + vec2(tap.x, -tap.y)).r + SAMPLE(plane_y, at + vec2(-tap.x, tap.y)).r);
    } else {
        y = SAMPLE(plane_y, at).r;
    }
    vec3 yuv = vec3(y, SAMPLE(plane_u, at).r, SAMPLE(plane_v, at).r);
    vec3 rgb = clamp(matrix * (yuv - offset), 0.0, 1.0);
    vec2 beyond = abs(from_centre) - half_size + radius;
    float outside = length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0) - radius;
    float inside = clamp(0.5 - outside, 0.0, 1.0);
    colour = vec4(rgb * inside, inside);
}
";
