// Written by dev.quern.kernels.CudaCases from the op table: not to be edited.
Q_CASE1(1, q_i32, q_i32, (q_i32)(-(uint)a))
#ifdef WIDE
Q_CASE1(2, q_i64, q_i64, (q_i64)(-(ulong)a))
#endif
Q_CASE1(3, q_f32, q_f32, -a)
#ifdef WIDE
Q_CASE1(4, q_f64, q_f64, -a)
#endif
Q_CASE1(9, q_i32, q_i32, q_abs_i32(a))
#ifdef WIDE
Q_CASE1(10, q_i64, q_i64, q_abs_i64(a))
#endif
Q_CASE1(11, q_f32, q_f32, q_abs_f32(a))
#ifdef WIDE
Q_CASE1(12, q_f64, q_f64, q_abs_f64(a))
#endif
Q_CASE1(17, q_i32, q_i32, q_sign_i32(a))
#ifdef WIDE
Q_CASE1(18, q_i64, q_i64, q_sign_i64(a))
#endif
Q_CASE1(19, q_f32, q_f32, q_sign_f32(a))
#ifdef WIDE
Q_CASE1(20, q_f64, q_f64, q_sign_f64(a))
#endif
Q_CASE1(27, q_f32, q_f32, q_sqrt_f32(a))
#ifdef WIDE
Q_CASE1(28, q_f64, q_f64, q_sqrt_f64(a))
#endif
Q_CASE1(35, q_f32, q_f32, q_exp_f32(a))
#ifdef WIDE
Q_CASE1(36, q_f64, q_f64, q_exp_f64(a))
#endif
Q_CASE1(43, q_f32, q_f32, q_expm1_f32(a))
#ifdef WIDE
Q_CASE1(44, q_f64, q_f64, q_expm1_f64(a))
#endif
Q_CASE1(51, q_f32, q_f32, q_log_f32(a))
#ifdef WIDE
Q_CASE1(52, q_f64, q_f64, q_log_f64(a))
#endif
Q_CASE1(59, q_f32, q_f32, q_log1p_f32(a))
#ifdef WIDE
Q_CASE1(60, q_f64, q_f64, q_log1p_f64(a))
#endif
Q_CASE1(67, q_f32, q_f32, q_tanh_f32(a))
#ifdef WIDE
Q_CASE1(68, q_f64, q_f64, q_tanh_f64(a))
#endif
Q_CASE1(75, q_f32, q_f32, q_sigmoid_f32(a))
#ifdef WIDE
Q_CASE1(76, q_f64, q_f64, q_sigmoid_f64(a))
#endif
Q_CASE1(83, q_f32, q_f32, q_sin_f32(a))
#ifdef WIDE
Q_CASE1(84, q_f64, q_f64, q_sin_f64(a))
#endif
Q_CASE1(91, q_f32, q_f32, q_cos_f32(a))
#ifdef WIDE
Q_CASE1(92, q_f64, q_f64, q_cos_f64(a))
#endif
Q_CASE1(99, q_f32, q_f32, q_tan_f32(a))
#ifdef WIDE
Q_CASE1(100, q_f64, q_f64, q_tan_f64(a))
#endif
Q_CASE1(107, q_f32, q_f32, q_asin_f32(a))
#ifdef WIDE
Q_CASE1(108, q_f64, q_f64, q_asin_f64(a))
#endif
Q_CASE1(115, q_f32, q_f32, q_acos_f32(a))
#ifdef WIDE
Q_CASE1(116, q_f64, q_f64, q_acos_f64(a))
#endif
Q_CASE1(123, q_f32, q_f32, q_atan_f32(a))
#ifdef WIDE
Q_CASE1(124, q_f64, q_f64, q_atan_f64(a))
#endif
Q_CASE1(131, q_f32, q_f32, q_sinh_f32(a))
#ifdef WIDE
Q_CASE1(132, q_f64, q_f64, q_sinh_f64(a))
#endif
Q_CASE1(139, q_f32, q_f32, q_cosh_f32(a))
#ifdef WIDE
Q_CASE1(140, q_f64, q_f64, q_cosh_f64(a))
#endif
Q_CASE1(147, q_f32, q_f32, q_asinh_f32(a))
#ifdef WIDE
Q_CASE1(148, q_f64, q_f64, q_asinh_f64(a))
#endif
Q_CASE1(155, q_f32, q_f32, q_acosh_f32(a))
#ifdef WIDE
Q_CASE1(156, q_f64, q_f64, q_acosh_f64(a))
#endif
Q_CASE1(163, q_f32, q_f32, q_atanh_f32(a))
#ifdef WIDE
Q_CASE1(164, q_f64, q_f64, q_atanh_f64(a))
#endif
Q_CASE1(171, q_f32, q_f32, q_erf_f32(a))
#ifdef WIDE
Q_CASE1(172, q_f64, q_f64, q_erf_f64(a))
#endif
Q_CASE1(177, q_i32, q_i32, a < 0 ? (q_i32)0 : a)
#ifdef WIDE
Q_CASE1(178, q_i64, q_i64, a < 0 ? (q_i64)0 : a)
#endif
Q_CASE1(179, q_f32, q_f32, a < 0 ? (q_f32)0 : a)
#ifdef WIDE
Q_CASE1(180, q_f64, q_f64, a < 0 ? (q_f64)0 : a)
#endif
Q_CASE1(187, q_f32, q_f32, q_softplus_f32(a))
#ifdef WIDE
Q_CASE1(188, q_f64, q_f64, q_softplus_f64(a))
#endif
Q_CASE1(193, q_i32, q_i32, q_floor_i32(a))
#ifdef WIDE
Q_CASE1(194, q_i64, q_i64, q_floor_i64(a))
#endif
Q_CASE1(195, q_f32, q_f32, q_floor_f32(a))
#ifdef WIDE
Q_CASE1(196, q_f64, q_f64, q_floor_f64(a))
#endif
Q_CASE1(201, q_i32, q_i32, q_ceil_i32(a))
#ifdef WIDE
Q_CASE1(202, q_i64, q_i64, q_ceil_i64(a))
#endif
Q_CASE1(203, q_f32, q_f32, q_ceil_f32(a))
#ifdef WIDE
Q_CASE1(204, q_f64, q_f64, q_ceil_f64(a))
#endif
Q_CASE1(209, q_i32, q_i32, q_rint_i32(a))
#ifdef WIDE
Q_CASE1(210, q_i64, q_i64, q_rint_i64(a))
#endif
Q_CASE1(211, q_f32, q_f32, q_rint_f32(a))
#ifdef WIDE
Q_CASE1(212, q_f64, q_f64, q_rint_f64(a))
#endif
Q_CASE1(217, q_i32, q_i32, q_trunc_i32(a))
#ifdef WIDE
Q_CASE1(218, q_i64, q_i64, q_trunc_i64(a))
#endif
Q_CASE1(219, q_f32, q_f32, q_trunc_f32(a))
#ifdef WIDE
Q_CASE1(220, q_f64, q_f64, q_trunc_f64(a))
#endif
Q_CASE1(416, q_bool, q_bool, q_cast_bool_bool(a))
Q_CASE1(417, q_bool, q_i32, q_cast_bool_i32(a))
#ifdef WIDE
Q_CASE1(418, q_bool, q_i64, q_cast_bool_i64(a))
#endif
Q_CASE1(419, q_bool, q_f32, q_cast_bool_f32(a))
#ifdef WIDE
Q_CASE1(420, q_bool, q_f64, q_cast_bool_f64(a))
#endif
Q_CASE1(424, q_i32, q_bool, q_cast_i32_bool(a))
Q_CASE1(425, q_i32, q_i32, q_cast_i32_i32(a))
#ifdef WIDE
Q_CASE1(426, q_i32, q_i64, q_cast_i32_i64(a))
#endif
Q_CASE1(427, q_i32, q_f32, q_cast_i32_f32(a))
#ifdef WIDE
Q_CASE1(428, q_i32, q_f64, q_cast_i32_f64(a))
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
Q_CASE1(435, q_i64, q_f32, q_cast_i64_f32(a))
#endif
#ifdef WIDE
Q_CASE1(436, q_i64, q_f64, q_cast_i64_f64(a))
#endif
Q_CASE1(440, q_f32, q_bool, q_cast_f32_bool(a))
Q_CASE1(441, q_f32, q_i32, q_cast_f32_i32(a))
#ifdef WIDE
Q_CASE1(442, q_f32, q_i64, q_cast_f32_i64(a))
#endif
Q_CASE1(443, q_f32, q_f32, q_cast_f32_f32(a))
#ifdef WIDE
Q_CASE1(444, q_f32, q_f64, q_cast_f32_f64(a))
#endif
#ifdef WIDE
Q_CASE1(448, q_f64, q_bool, q_cast_f64_bool(a))
#endif
#ifdef WIDE
Q_CASE1(449, q_f64, q_i32, q_cast_f64_i32(a))
#endif
#ifdef WIDE
Q_CASE1(450, q_f64, q_i64, q_cast_f64_i64(a))
#endif
#ifdef WIDE
Q_CASE1(451, q_f64, q_f32, q_cast_f64_f32(a))
#endif
#ifdef WIDE
Q_CASE1(452, q_f64, q_f64, q_cast_f64_f64(a))
#endif
Q_CASE1(232, q_bool, q_bool, a != a)
Q_CASE1(233, q_i32, q_bool, a != a)
#ifdef WIDE
Q_CASE1(234, q_i64, q_bool, a != a)
#endif
Q_CASE1(235, q_f32, q_bool, a != a)
#ifdef WIDE
Q_CASE1(236, q_f64, q_bool, a != a)
#endif
Q_CASE1(240, q_bool, q_bool, q_isinf_bool(a))
Q_CASE1(241, q_i32, q_bool, q_isinf_i32(a))
#ifdef WIDE
Q_CASE1(242, q_i64, q_bool, q_isinf_i64(a))
#endif
Q_CASE1(243, q_f32, q_bool, q_isinf_f32(a))
#ifdef WIDE
Q_CASE1(244, q_f64, q_bool, q_isinf_f64(a))
#endif
Q_CASE1(248, q_bool, q_bool, !a)
Q_CASE2(257, q_i32, q_i32, (q_i32)((uint)a + (uint)b))
#ifdef WIDE
Q_CASE2(258, q_i64, q_i64, (q_i64)((ulong)a + (ulong)b))
#endif
Q_CASE2(259, q_f32, q_f32, a + b)
#ifdef WIDE
Q_CASE2(260, q_f64, q_f64, a + b)
#endif
Q_CASE2(265, q_i32, q_i32, (q_i32)((uint)a - (uint)b))
#ifdef WIDE
Q_CASE2(266, q_i64, q_i64, (q_i64)((ulong)a - (ulong)b))
#endif
Q_CASE2(267, q_f32, q_f32, a - b)
#ifdef WIDE
Q_CASE2(268, q_f64, q_f64, a - b)
#endif
Q_CASE2(273, q_i32, q_i32, (q_i32)((uint)a * (uint)b))
#ifdef WIDE
Q_CASE2(274, q_i64, q_i64, (q_i64)((ulong)a * (ulong)b))
#endif
Q_CASE2(275, q_f32, q_f32, a * b)
#ifdef WIDE
Q_CASE2(276, q_f64, q_f64, a * b)
#endif
Q_CASE2(281, q_i32, q_i32, q_div_i32(a, b))
#ifdef WIDE
Q_CASE2(282, q_i64, q_i64, q_div_i64(a, b))
#endif
Q_CASE2(283, q_f32, q_f32, q_div_f32(a, b))
#ifdef WIDE
Q_CASE2(284, q_f64, q_f64, q_div_f64(a, b))
#endif
Q_CASE2(289, q_i32, q_i32, q_pow_i32(a, b))
#ifdef WIDE
Q_CASE2(290, q_i64, q_i64, q_pow_i64(a, b))
#endif
Q_CASE2(291, q_f32, q_f32, q_pow_f32(a, b))
#ifdef WIDE
Q_CASE2(292, q_f64, q_f64, q_pow_f64(a, b))
#endif
Q_CASE2(297, q_i32, q_i32, q_max_i32(a, b))
#ifdef WIDE
Q_CASE2(298, q_i64, q_i64, q_max_i64(a, b))
#endif
Q_CASE2(299, q_f32, q_f32, q_max_f32(a, b))
#ifdef WIDE
Q_CASE2(300, q_f64, q_f64, q_max_f64(a, b))
#endif
Q_CASE2(305, q_i32, q_i32, q_min_i32(a, b))
#ifdef WIDE
Q_CASE2(306, q_i64, q_i64, q_min_i64(a, b))
#endif
Q_CASE2(307, q_f32, q_f32, q_min_f32(a, b))
#ifdef WIDE
Q_CASE2(308, q_f64, q_f64, q_min_f64(a, b))
#endif
Q_CASE2(313, q_i32, q_i32, q_mod_i32(a, b))
#ifdef WIDE
Q_CASE2(314, q_i64, q_i64, q_mod_i64(a, b))
#endif
Q_CASE2(315, q_f32, q_f32, q_mod_f32(a, b))
#ifdef WIDE
Q_CASE2(316, q_f64, q_f64, q_mod_f64(a, b))
#endif
Q_CASE2(321, q_i32, q_i32, q_fmod_i32(a, b))
#ifdef WIDE
Q_CASE2(322, q_i64, q_i64, q_fmod_i64(a, b))
#endif
Q_CASE2(323, q_f32, q_f32, q_fmod_f32(a, b))
#ifdef WIDE
Q_CASE2(324, q_f64, q_f64, q_fmod_f64(a, b))
#endif
Q_CASE2(328, q_bool, q_bool, a == b)
Q_CASE2(329, q_i32, q_bool, a == b)
#ifdef WIDE
Q_CASE2(330, q_i64, q_bool, a == b)
#endif
Q_CASE2(331, q_f32, q_bool, a == b)
#ifdef WIDE
Q_CASE2(332, q_f64, q_bool, a == b)
#endif
Q_CASE2(336, q_bool, q_bool, a != b)
Q_CASE2(337, q_i32, q_bool, a != b)
#ifdef WIDE
Q_CASE2(338, q_i64, q_bool, a != b)
#endif
Q_CASE2(339, q_f32, q_bool, a != b)
#ifdef WIDE
Q_CASE2(340, q_f64, q_bool, a != b)
#endif
Q_CASE2(344, q_bool, q_bool, a < b)
Q_CASE2(345, q_i32, q_bool, a < b)
#ifdef WIDE
Q_CASE2(346, q_i64, q_bool, a < b)
#endif
Q_CASE2(347, q_f32, q_bool, a < b)
#ifdef WIDE
Q_CASE2(348, q_f64, q_bool, a < b)
#endif
Q_CASE2(352, q_bool, q_bool, a <= b)
Q_CASE2(353, q_i32, q_bool, a <= b)
#ifdef WIDE
Q_CASE2(354, q_i64, q_bool, a <= b)
#endif
Q_CASE2(355, q_f32, q_bool, a <= b)
#ifdef WIDE
Q_CASE2(356, q_f64, q_bool, a <= b)
#endif
Q_CASE2(360, q_bool, q_bool, a > b)
Q_CASE2(361, q_i32, q_bool, a > b)
#ifdef WIDE
Q_CASE2(362, q_i64, q_bool, a > b)
#endif
Q_CASE2(363, q_f32, q_bool, a > b)
#ifdef WIDE
Q_CASE2(364, q_f64, q_bool, a > b)
#endif
Q_CASE2(368, q_bool, q_bool, a >= b)
Q_CASE2(369, q_i32, q_bool, a >= b)
#ifdef WIDE
Q_CASE2(370, q_i64, q_bool, a >= b)
#endif
Q_CASE2(371, q_f32, q_bool, a >= b)
#ifdef WIDE
Q_CASE2(372, q_f64, q_bool, a >= b)
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
#ifdef WIDE
Q_SELECT(404)
#endif
Q_CASE3(409, q_i32, q_i32, q_clamp_i32(a, b, c))
#ifdef WIDE
Q_CASE3(410, q_i64, q_i64, q_clamp_i64(a, b, c))
#endif
Q_CASE3(411, q_f32, q_f32, q_clamp_f32(a, b, c))
#ifdef WIDE
Q_CASE3(412, q_f64, q_f64, q_clamp_f64(a, b, c))
#endif
