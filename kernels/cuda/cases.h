// Written by dev.quern.kernels.CudaCases from the op table: not to be edited.
Q_CASE1(1, q_i32, q_i32, (q_i32)(-(uint)a))
#ifdef WIDE
Q_CASE1(2, q_i64, q_i64, (q_i64)(-(ulong)a))
#endif
Q_CASE1(5, q_f32, q_f32, -a)
#ifdef WIDE
Q_CASE1(6, q_f64, q_f64, -a)
#endif
Q_CASE1(9, q_i32, q_i32, q_abs_i32(a))
#ifdef WIDE
Q_CASE1(10, q_i64, q_i64, q_abs_i64(a))
#endif
Q_CASE1(13, q_f32, q_f32, q_abs_f32(a))
#ifdef WIDE
Q_CASE1(14, q_f64, q_f64, q_abs_f64(a))
#endif
Q_CASE1(17, q_i32, q_i32, q_sign_i32(a))
#ifdef WIDE
Q_CASE1(18, q_i64, q_i64, q_sign_i64(a))
#endif
Q_CASE1(21, q_f32, q_f32, q_sign_f32(a))
#ifdef WIDE
Q_CASE1(22, q_f64, q_f64, q_sign_f64(a))
#endif
Q_CASE1(29, q_f32, q_f32, q_sqrt_f32(a))
#ifdef WIDE
Q_CASE1(30, q_f64, q_f64, q_sqrt_f64(a))
#endif
Q_CASE1(37, q_f32, q_f32, q_exp_f32(a))
#ifdef WIDE
Q_CASE1(38, q_f64, q_f64, q_exp_f64(a))
#endif
Q_CASE1(45, q_f32, q_f32, q_expm1_f32(a))
#ifdef WIDE
Q_CASE1(46, q_f64, q_f64, q_expm1_f64(a))
#endif
Q_CASE1(53, q_f32, q_f32, q_log_f32(a))
#ifdef WIDE
Q_CASE1(54, q_f64, q_f64, q_log_f64(a))
#endif
Q_CASE1(61, q_f32, q_f32, q_log1p_f32(a))
#ifdef WIDE
Q_CASE1(62, q_f64, q_f64, q_log1p_f64(a))
#endif
Q_CASE1(69, q_f32, q_f32, q_tanh_f32(a))
#ifdef WIDE
Q_CASE1(70, q_f64, q_f64, q_tanh_f64(a))
#endif
Q_CASE1(77, q_f32, q_f32, q_sigmoid_f32(a))
#ifdef WIDE
Q_CASE1(78, q_f64, q_f64, q_sigmoid_f64(a))
#endif
Q_CASE1(85, q_f32, q_f32, q_sin_f32(a))
#ifdef WIDE
Q_CASE1(86, q_f64, q_f64, q_sin_f64(a))
#endif
Q_CASE1(93, q_f32, q_f32, q_cos_f32(a))
#ifdef WIDE
Q_CASE1(94, q_f64, q_f64, q_cos_f64(a))
#endif
Q_CASE1(101, q_f32, q_f32, q_tan_f32(a))
#ifdef WIDE
Q_CASE1(102, q_f64, q_f64, q_tan_f64(a))
#endif
Q_CASE1(109, q_f32, q_f32, q_asin_f32(a))
#ifdef WIDE
Q_CASE1(110, q_f64, q_f64, q_asin_f64(a))
#endif
Q_CASE1(117, q_f32, q_f32, q_acos_f32(a))
#ifdef WIDE
Q_CASE1(118, q_f64, q_f64, q_acos_f64(a))
#endif
Q_CASE1(125, q_f32, q_f32, q_atan_f32(a))
#ifdef WIDE
Q_CASE1(126, q_f64, q_f64, q_atan_f64(a))
#endif
Q_CASE1(133, q_f32, q_f32, q_sinh_f32(a))
#ifdef WIDE
Q_CASE1(134, q_f64, q_f64, q_sinh_f64(a))
#endif
Q_CASE1(141, q_f32, q_f32, q_cosh_f32(a))
#ifdef WIDE
Q_CASE1(142, q_f64, q_f64, q_cosh_f64(a))
#endif
Q_CASE1(149, q_f32, q_f32, q_asinh_f32(a))
#ifdef WIDE
Q_CASE1(150, q_f64, q_f64, q_asinh_f64(a))
#endif
Q_CASE1(157, q_f32, q_f32, q_acosh_f32(a))
#ifdef WIDE
Q_CASE1(158, q_f64, q_f64, q_acosh_f64(a))
#endif
Q_CASE1(165, q_f32, q_f32, q_atanh_f32(a))
#ifdef WIDE
Q_CASE1(166, q_f64, q_f64, q_atanh_f64(a))
#endif
Q_CASE1(173, q_f32, q_f32, q_erf_f32(a))
#ifdef WIDE
Q_CASE1(174, q_f64, q_f64, q_erf_f64(a))
#endif
Q_CASE1(177, q_i32, q_i32, a < 0 ? (q_i32)0 : a)
#ifdef WIDE
Q_CASE1(178, q_i64, q_i64, a < 0 ? (q_i64)0 : a)
#endif
Q_CASE1(181, q_f32, q_f32, a < 0 ? (q_f32)0 : a)
#ifdef WIDE
Q_CASE1(182, q_f64, q_f64, a < 0 ? (q_f64)0 : a)
#endif
Q_CASE1(189, q_f32, q_f32, q_softplus_f32(a))
#ifdef WIDE
Q_CASE1(190, q_f64, q_f64, q_softplus_f64(a))
#endif
Q_CASE1(193, q_i32, q_i32, q_floor_i32(a))
#ifdef WIDE
Q_CASE1(194, q_i64, q_i64, q_floor_i64(a))
#endif
Q_CASE1(197, q_f32, q_f32, q_floor_f32(a))
#ifdef WIDE
Q_CASE1(198, q_f64, q_f64, q_floor_f64(a))
#endif
Q_CASE1(201, q_i32, q_i32, q_ceil_i32(a))
#ifdef WIDE
Q_CASE1(202, q_i64, q_i64, q_ceil_i64(a))
#endif
Q_CASE1(205, q_f32, q_f32, q_ceil_f32(a))
#ifdef WIDE
Q_CASE1(206, q_f64, q_f64, q_ceil_f64(a))
#endif
Q_CASE1(209, q_i32, q_i32, q_rint_i32(a))
#ifdef WIDE
Q_CASE1(210, q_i64, q_i64, q_rint_i64(a))
#endif
Q_CASE1(213, q_f32, q_f32, q_rint_f32(a))
#ifdef WIDE
Q_CASE1(214, q_f64, q_f64, q_rint_f64(a))
#endif
Q_CASE1(217, q_i32, q_i32, q_trunc_i32(a))
#ifdef WIDE
Q_CASE1(218, q_i64, q_i64, q_trunc_i64(a))
#endif
Q_CASE1(221, q_f32, q_f32, q_trunc_f32(a))
#ifdef WIDE
Q_CASE1(222, q_f64, q_f64, q_trunc_f64(a))
#endif
Q_CASE1(416, q_bool, q_bool, q_cast_bool_bool(a))
Q_CASE1(417, q_bool, q_i32, q_cast_bool_i32(a))
#ifdef WIDE
Q_CASE1(418, q_bool, q_i64, q_cast_bool_i64(a))
#endif
Q_CASE1(421, q_bool, q_f32, q_cast_bool_f32(a))
#ifdef WIDE
Q_CASE1(422, q_bool, q_f64, q_cast_bool_f64(a))
#endif
Q_CASE1(424, q_i32, q_bool, q_cast_i32_bool(a))
Q_CASE1(425, q_i32, q_i32, q_cast_i32_i32(a))
#ifdef WIDE
Q_CASE1(426, q_i32, q_i64, q_cast_i32_i64(a))
#endif
Q_CASE1(429, q_i32, q_f32, q_cast_i32_f32(a))
#ifdef WIDE
Q_CASE1(430, q_i32, q_f64, q_cast_i32_f64(a))
#endif
#ifdef WIDE
Q_CASE1(432, q_i64, q_bool, q_cast_i64_bool(a))
#endif
#ifdef WIDE
Q_CASE1(433, q_i64, q_i32, q_cast_i64_i32(a))
#endif
#ifdef WIDE
Q_CASE1(434, q_i64, q_i64, q_cast_i64_i64(a))
#endif
#ifdef WIDE
Q_CASE1(435, q_i64, q_f16, q_cast_i64_f16(a))
#endif
#ifdef WIDE
Q_CASE1(436, q_i64, q_bf16, q_cast_i64_bf16(a))
#endif
#ifdef WIDE
Q_CASE1(437, q_i64, q_f32, q_cast_i64_f32(a))
#endif
#ifdef WIDE
Q_CASE1(438, q_i64, q_f64, q_cast_i64_f64(a))
#endif
Q_CASE1(445, q_f16, q_f32, q_cast_f16_f32(a))
Q_CASE1(453, q_bf16, q_f32, q_cast_bf16_f32(a))
Q_CASE1(456, q_f32, q_bool, q_cast_f32_bool(a))
Q_CASE1(457, q_f32, q_i32, q_cast_f32_i32(a))
#ifdef WIDE
Q_CASE1(458, q_f32, q_i64, q_cast_f32_i64(a))
#endif
Q_CASE1(459, q_f32, q_f16, q_cast_f32_f16(a))
Q_CASE1(460, q_f32, q_bf16, q_cast_f32_bf16(a))
Q_CASE1(461, q_f32, q_f32, q_cast_f32_f32(a))
#ifdef WIDE
Q_CASE1(462, q_f32, q_f64, q_cast_f32_f64(a))
#endif
#ifdef WIDE
Q_CASE1(464, q_f64, q_bool, q_cast_f64_bool(a))
#endif
#ifdef WIDE
Q_CASE1(465, q_f64, q_i32, q_cast_f64_i32(a))
#endif
#ifdef WIDE
Q_CASE1(466, q_f64, q_i64, q_cast_f64_i64(a))
#endif
#ifdef WIDE
Q_CASE1(467, q_f64, q_f16, q_cast_f64_f16(a))
#endif
#ifdef WIDE
Q_CASE1(468, q_f64, q_bf16, q_cast_f64_bf16(a))
#endif
#ifdef WIDE
Q_CASE1(469, q_f64, q_f32, q_cast_f64_f32(a))
#endif
#ifdef WIDE
Q_CASE1(470, q_f64, q_f64, q_cast_f64_f64(a))
#endif
Q_CASE1(232, q_bool, q_bool, a != a)
Q_CASE1(233, q_i32, q_bool, a != a)
#ifdef WIDE
Q_CASE1(234, q_i64, q_bool, a != a)
#endif
Q_CASE1(237, q_f32, q_bool, a != a)
#ifdef WIDE
Q_CASE1(238, q_f64, q_bool, a != a)
#endif
Q_CASE1(240, q_bool, q_bool, q_isinf_bool(a))
Q_CASE1(241, q_i32, q_bool, q_isinf_i32(a))
#ifdef WIDE
Q_CASE1(242, q_i64, q_bool, q_isinf_i64(a))
#endif
Q_CASE1(245, q_f32, q_bool, q_isinf_f32(a))
#ifdef WIDE
Q_CASE1(246, q_f64, q_bool, q_isinf_f64(a))
#endif
Q_CASE1(248, q_bool, q_bool, !a)
Q_CASE2(257, q_i32, q_i32, (q_i32)((uint)a + (uint)b))
#ifdef WIDE
Q_CASE2(258, q_i64, q_i64, (q_i64)((ulong)a + (ulong)b))
#endif
Q_CASE2(261, q_f32, q_f32, a + b)
#ifdef WIDE
Q_CASE2(262, q_f64, q_f64, a + b)
#endif
Q_CASE2(265, q_i32, q_i32, (q_i32)((uint)a - (uint)b))
#ifdef WIDE
Q_CASE2(266, q_i64, q_i64, (q_i64)((ulong)a - (ulong)b))
#endif
Q_CASE2(269, q_f32, q_f32, a - b)
#ifdef WIDE
Q_CASE2(270, q_f64, q_f64, a - b)
#endif
Q_CASE2(273, q_i32, q_i32, (q_i32)((uint)a * (uint)b))
#ifdef WIDE
Q_CASE2(274, q_i64, q_i64, (q_i64)((ulong)a * (ulong)b))
#endif
Q_CASE2(277, q_f32, q_f32, a * b)
#ifdef WIDE
Q_CASE2(278, q_f64, q_f64, a * b)
#endif
Q_CASE2(281, q_i32, q_i32, q_div_i32(a, b))
#ifdef WIDE
Q_CASE2(282, q_i64, q_i64, q_div_i64(a, b))
#endif
Q_CASE2(285, q_f32, q_f32, q_div_f32(a, b))
#ifdef WIDE
Q_CASE2(286, q_f64, q_f64, q_div_f64(a, b))
#endif
Q_CASE2(289, q_i32, q_i32, q_pow_i32(a, b))
#ifdef WIDE
Q_CASE2(290, q_i64, q_i64, q_pow_i64(a, b))
#endif
Q_CASE2(293, q_f32, q_f32, q_pow_f32(a, b))
#ifdef WIDE
Q_CASE2(294, q_f64, q_f64, q_pow_f64(a, b))
#endif
Q_CASE2(297, q_i32, q_i32, q_max_i32(a, b))
#ifdef WIDE
Q_CASE2(298, q_i64, q_i64, q_max_i64(a, b))
#endif
Q_CASE2(301, q_f32, q_f32, q_max_f32(a, b))
#ifdef WIDE
Q_CASE2(302, q_f64, q_f64, q_max_f64(a, b))
#endif
Q_CASE2(305, q_i32, q_i32, q_min_i32(a, b))
#ifdef WIDE
Q_CASE2(306, q_i64, q_i64, q_min_i64(a, b))
#endif
Q_CASE2(309, q_f32, q_f32, q_min_f32(a, b))
#ifdef WIDE
Q_CASE2(310, q_f64, q_f64, q_min_f64(a, b))
#endif
Q_CASE2(313, q_i32, q_i32, q_mod_i32(a, b))
#ifdef WIDE
Q_CASE2(314, q_i64, q_i64, q_mod_i64(a, b))
#endif
Q_CASE2(317, q_f32, q_f32, q_mod_f32(a, b))
#ifdef WIDE
Q_CASE2(318, q_f64, q_f64, q_mod_f64(a, b))
#endif
Q_CASE2(321, q_i32, q_i32, q_fmod_i32(a, b))
#ifdef WIDE
Q_CASE2(322, q_i64, q_i64, q_fmod_i64(a, b))
#endif
Q_CASE2(325, q_f32, q_f32, q_fmod_f32(a, b))
#ifdef WIDE
Q_CASE2(326, q_f64, q_f64, q_fmod_f64(a, b))
#endif
Q_CASE2(328, q_bool, q_bool, a == b)
Q_CASE2(329, q_i32, q_bool, a == b)
#ifdef WIDE
Q_CASE2(330, q_i64, q_bool, a == b)
#endif
Q_CASE2(333, q_f32, q_bool, a == b)
#ifdef WIDE
Q_CASE2(334, q_f64, q_bool, a == b)
#endif
Q_CASE2(336, q_bool, q_bool, a != b)
Q_CASE2(337, q_i32, q_bool, a != b)
#ifdef WIDE
Q_CASE2(338, q_i64, q_bool, a != b)
#endif
Q_CASE2(341, q_f32, q_bool, a != b)
#ifdef WIDE
Q_CASE2(342, q_f64, q_bool, a != b)
#endif
Q_CASE2(344, q_bool, q_bool, a < b)
Q_CASE2(345, q_i32, q_bool, a < b)
#ifdef WIDE
Q_CASE2(346, q_i64, q_bool, a < b)
#endif
Q_CASE2(349, q_f32, q_bool, a < b)
#ifdef WIDE
Q_CASE2(350, q_f64, q_bool, a < b)
#endif
Q_CASE2(352, q_bool, q_bool, a <= b)
Q_CASE2(353, q_i32, q_bool, a <= b)
#ifdef WIDE
Q_CASE2(354, q_i64, q_bool, a <= b)
#endif
Q_CASE2(357, q_f32, q_bool, a <= b)
#ifdef WIDE
Q_CASE2(358, q_f64, q_bool, a <= b)
#endif
Q_CASE2(360, q_bool, q_bool, a > b)
Q_CASE2(361, q_i32, q_bool, a > b)
#ifdef WIDE
Q_CASE2(362, q_i64, q_bool, a > b)
#endif
Q_CASE2(365, q_f32, q_bool, a > b)
#ifdef WIDE
Q_CASE2(366, q_f64, q_bool, a > b)
#endif
Q_CASE2(368, q_bool, q_bool, a >= b)
Q_CASE2(369, q_i32, q_bool, a >= b)
#ifdef WIDE
Q_CASE2(370, q_i64, q_bool, a >= b)
#endif
Q_CASE2(373, q_f32, q_bool, a >= b)
#ifdef WIDE
Q_CASE2(374, q_f64, q_bool, a >= b)
#endif
Q_CASE2(376, q_bool, q_bool, a & b)
Q_CASE2(384, q_bool, q_bool, a | b)
Q_CASE2(392, q_bool, q_bool, a ^ b)
Q_SELECT(400)
Q_SELECT(401)
#ifdef WIDE
Q_SELECT(402)
#endif
Q_SELECT(403)
Q_SELECT(404)
Q_SELECT(405)
#ifdef WIDE
Q_SELECT(406)
#endif
Q_CASE3(409, q_i32, q_i32, q_clamp_i32(a, b, c))
#ifdef WIDE
Q_CASE3(410, q_i64, q_i64, q_clamp_i64(a, b, c))
#endif
Q_CASE3(413, q_f32, q_f32, q_clamp_f32(a, b, c))
#ifdef WIDE
Q_CASE3(414, q_f64, q_f64, q_clamp_f64(a, b, c))
#endif
